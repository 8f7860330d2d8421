#include "decode/json/known_lines.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/hash.h"
#include "base/limits.h"

namespace landwarden::decode::json {
namespace {

/// Kinds whose last records a line is compared with before it is left to the skeletons.
constexpr std::size_t kTries = 4;
/// Places where lines part that are remembered.
constexpr std::size_t kPartings = 1 << 12;
/// Longer records are not kept beyond their unit.
constexpr std::size_t kKeptRecord = 16 << 10;
/// Bytes behind a kept record that may be read.
constexpr std::size_t kSlack = 128;
/// Of the records kept beyond their unit, of all kinds together.
constexpr std::size_t kKeptBytes = limits::kJsonSkeletonBytes / 2;

bool stands_in(const char* data, std::string_view record) {
  return !std::less<>{}(data, record.data()) && std::less<>{}(data, record.data() + record.size());
}

}  // namespace

KnownLines::KnownLines(Width width) : width_(width), skeletons_(width), partings_(kPartings) {}
KnownLines::~KnownLines() = default;

std::span<const Place> KnownLines::places() const {
  return found_->places;
}

const char* const* KnownLines::elsewhere() const {
  return found_->elsewhere.data();
}

std::span<const std::string_view> KnownLines::texts() const {
  return texts_.texts;
}

bool KnownLines::full() const {
  return bytes_ + kept_bytes_ + skeletons_.bytes() > limits::kJsonSkeletonBytes;
}

void KnownLines::forget() {
  skeletons_.forget();
  kinds_.clear();
  in_unit_.clear();
  std::fill(partings_.begin(), partings_.end(), Parting{});
  before_ = kUnknown;
  bytes_ = kept_bytes_ = missed_size_ = 0;
  found_ = nullptr;
}

/// Where the kinds are remembered to which lines belong that differ there from this kind.
KnownLines::Parting& KnownLines::parting_at(std::int32_t kind, const Compared& compared) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, compared.at, sizeof bytes);
  const std::uint64_t key =
      hash_combine(bytes, (static_cast<std::uint64_t>(kind) << 32) + compared.values) | 1;
  Parting& parting = partings_[key >> 32 & (kPartings - 1)];
  if (missed_size_ < missed_.size()) {
    missed_[missed_size_] = &parting;
    missed_keys_[missed_size_++] = key;
  }
  return parting;
}

void KnownLines::came(std::int32_t number) {
  if (before_ != kUnknown) kinds_[static_cast<std::size_t>(before_)]->next = number;
  before_ = number;
  for (std::size_t i = 0; i < missed_size_; ++i) *missed_[i] = {missed_keys_[i], number};
  missed_size_ = 0;
}

std::int32_t KnownLines::learn(std::string_view record, std::span<const Token> tokens) {
  if (full()) return kUnknown;
  const auto next = static_cast<std::int32_t>(kinds_.size());
  const std::int32_t number = skeletons_.learn(record, tokens, next);
  if (number == kUnknown) return kUnknown;
  if (number == next) {
    kinds_.push_back(std::make_unique<Kind>());
    bytes_ += sizeof(Kind) + tokens.size() * sizeof(Place);
    if (changes_.size() < tokens.size()) changes_.resize(tokens.size());
  }
  Kind& kind = *kinds_[static_cast<std::size_t>(number)];
  accept_tokens(kind, record, tokens);
  if (!kind.in_unit) {
    kind.in_unit = true;
    in_unit_.push_back(number);
  }
  came(number);
  return number;
}

/// Compares the record with the last ones of those kinds that it is most likely of.
std::int32_t KnownLines::find_by_last(std::string_view text, const char* last) {
  if (before_ == kUnknown) return kUnknown;
  const Kind& before = *kinds_[static_cast<std::size_t>(before_)];
  std::int32_t number = before.next == kUnknown ? before_ : before.next;
  std::array<std::int32_t, kTries> tried{};
  for (std::size_t i = 0; i < kTries && number != kUnknown; ++i) {
    const Kind& kind = *kinds_[static_cast<std::size_t>(number)];
    if (kind.bytes == nullptr) return kUnknown;
    const Compared compared = compare(kind, text, last);
    if (compared.how == Compared::same) return number;
    if (compared.how == Compared::broken) return kUnknown;
    tried[i] = number;
    const std::size_t missed = missed_size_;
    const Parting& parting = parting_at(number, compared);
    const bool known = missed_size_ > missed && parting.key == missed_keys_[missed];
    number = known ? parting.kind : kUnknown;
    if (std::find(tried.begin(), tried.begin() + static_cast<std::ptrdiff_t>(i) + 1, number) !=
        tried.begin() + static_cast<std::ptrdiff_t>(i) + 1)
      return kUnknown;
  }
  return kUnknown;
}

std::int32_t KnownLines::find(std::string_view text, std::size_t readable) {
  missed_size_ = 0;
  const char* const last = skeletons_.last_block(text, readable);
  if (last == nullptr) return kUnknown;
  std::int32_t number = find_by_last(text, last);
  if (number != kUnknown) {
    accept_changes(*kinds_[static_cast<std::size_t>(number)], text.substr(0, size_));
  } else {
    number = skeletons_.find(text, readable, texts_);
    if (number == kUnknown) return kUnknown;
    size_ = skeletons_.size();
    accept_tokens(*kinds_[static_cast<std::size_t>(number)], text.substr(0, size_), skeletons_.tokens());
  }
  Kind& kind = *kinds_[static_cast<std::size_t>(number)];
  found_ = &kind;
  if (!kind.in_unit) {
    kind.in_unit = true;
    in_unit_.push_back(number);
  }
  came(number);
  return number;
}

/// Makes the record the last of its kind: its values are those of the one before, but for the changes.
void KnownLines::accept_changes(Kind& kind, std::string_view record) {
  for (const std::uint32_t number : kind.read) kind.places[number].text = Token::kUnread;
  kind.read.clear();
  changed_.resize(changes_size_);
  Place* place = kind.places.data();
  std::uint32_t moved = 0;  // in the record; forth or back, modulo 2^32
  const auto move_up_to = [&](Place* end) {
    for (; moved != 0 && place < end; ++place) {
      place->stop += moved;
      if (place->text != Place::kElsewhere) place->begin += moved;
    }
    place = end;
  };
  for (std::size_t i = 0; i < changes_size_; ++i) {
    const Change& change = changes_[i];
    move_up_to(kind.places.data() + change.number);
    moved += change.place.size - place->size;
    *place++ = change.place;
    changed_[i] = change.number;
    if (change.place.text >= 0) kind.read.push_back(change.number);
  }
  move_up_to(kind.places.data() + kind.places.size());
  kind.bytes = record.data();
  kind.size = record.size();
}

/// The same for values that were found otherwise.
void KnownLines::accept_tokens(Kind& kind, std::string_view record, std::span<const Token> tokens) {
  changed_.clear();
  kind.read.clear();
  kind.elsewhere.clear();
  const bool has_last = kind.bytes != nullptr && kind.places.size() == tokens.size();
  kind.places.resize(tokens.size());
  std::uint32_t stop = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    Place& place = kind.places[i];
    const auto number = static_cast<std::uint32_t>(i);
    if (!stands_in(token.data, record)) {
      if (!has_last) changed_.push_back(number);
      place = {static_cast<std::uint32_t>(kind.elsewhere.size()), token.size, Place::kElsewhere, stop};
      kind.elsewhere.push_back(token.data);
      continue;
    }
    if (!has_last || token.size != place.size ||
        std::memcmp(token.data, kind.bytes + place.begin, token.size) != 0)
      changed_.push_back(number);
    place = Place::in(record.data(), token.data, token.size, token.text);
    stop = place.stop;
    if (token.text >= 0) kind.read.push_back(number);
  }
  kind.bytes = record.data();
  kind.size = record.size();
}

void KnownLines::end_unit() {
  for (const std::int32_t number : in_unit_) {
    Kind& kind = *kinds_[static_cast<std::size_t>(number)];
    kind.in_unit = false;
    const bool grows = kind.own_size < kind.size;
    if (kind.size > kKeptRecord || (grows && kept_bytes_ > kKeptBytes)) {
      kind.bytes = nullptr;
      continue;
    }
    if (grows) {
      kept_bytes_ += kind.size - kind.own_size;
      kind.own = std::make_unique<char[]>(kind.size + kSlack);
      kind.own_size = kind.size;
    }
    std::memcpy(kind.own.get(), kind.bytes, kind.size);
    for (const std::uint32_t read : kind.read) kind.places[read].text = Token::kUnread;
    kind.read.clear();
    kind.bytes = kind.own.get();
  }
  in_unit_.clear();
  found_ = nullptr;
}

}  // namespace landwarden::decode::json
