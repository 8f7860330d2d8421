#include "decode/text/audit_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/text.h"
#include "decode/text/limits.h"

namespace landwarden::decode::text {
namespace {

using landwarden::text::is_digit;
using namespace std::string_view_literals;

bool is_key_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '.' || c == '[' || c == ']' || c == '/';
}

constexpr std::size_t kLongestKey = 64;

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= kLongestKey && text[0] != '-' && text[0] != '[' && text[0] != '/' &&
         text[0] != '.' && std::all_of(text.begin(), text.end(), is_key_char);
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The bytes that hexadecimal digits in capitals stand for; nothing if there is something else.
std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() < 2 || text.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) { return is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

/// What the kernel does not write between quotes (audit_string_contains_control).
bool needs_hex(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '"' || byte < 0x21 || byte > 0x7E;
  });
}

/// "a12" is 12.
std::optional<std::uint32_t> argument_number(std::string_view name) {
  if (name.size() < 2 || name.size() > 7 || name[0] != 'a') return std::nullopt;
  return number<std::uint32_t>(name.substr(1));
}

/// Which addresses and ports a struct sockaddr holds, as ausearch names them.
struct SocketAddress {
  std::string_view family;
  std::string address, port, path;
};

SocketAddress socket_address(std::string_view bytes) {
  const auto byte = [&](std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]));
  };
  SocketAddress out;
  const unsigned family = bytes.size() < 2 ? 0 : byte(0) + (byte(1) << 8);
  if (family == 1) {
    out.family = "local";
    // An abstract name begins with a zero.
    const bool abstract = bytes.size() > 2 && bytes[2] == '\0';
    const std::string_view path = bytes.substr(abstract ? 3 : 2);
    out.path = (abstract ? "@" : "") + std::string(path.substr(0, path.find('\0')));
  } else if (family == 2 && bytes.size() >= 8) {
    out.family = "inet";
    out.address = fmt::format("{}.{}.{}.{}", byte(4), byte(5), byte(6), byte(7));
  } else if (family == 10 && bytes.size() >= 24) {
    out.family = "inet6";
    std::string groups;
    for (std::size_t i = 8; i < 24; i += 2)
      groups += fmt::format("{}{:x}", i == 8 ? "" : ":", (byte(i) << 8) + byte(i + 1));
    out.address = groups;
    // ::ffff:1.2.3.4 is 1.2.3.4 to whoever asks for addresses.
    if (groups.starts_with("0:0:0:0:0:ffff:"))
      out.address = fmt::format("{}.{}.{}.{}", byte(20), byte(21), byte(22), byte(23));
  } else if (family == 16) {
    out.family = "netlink";
  }
  if (!out.address.empty()) out.port = std::to_string((byte(2) << 8) + byte(3));
  return out;
}

}  // namespace

std::optional<AuditHead> read_audit_head(std::string_view text) {
  AuditHead head;
  // The kernel's log: "[   12.345] audit: type=1400 audit(…): …", "type=1400 audit(…): …".
  if (text.starts_with('[')) {
    const std::size_t close = text.find("] ");
    if (close == text.npos || close > 24) return std::nullopt;
    text.remove_prefix(close + 2);
  }
  if (text.starts_with("audit: ")) text.remove_prefix(7);
  if (text.starts_with("node=")) {
    const std::size_t end = text.find(' ');
    if (end == text.npos) return std::nullopt;
    head.node = text.substr(5, end - 5);
    text.remove_prefix(end + 1);
  }
  if (!text.starts_with("type=")) return std::nullopt;
  const std::size_t end = text.find(' ');
  if (end == text.npos || end == 5) return std::nullopt;
  head.type = text.substr(5, end - 5);
  text.remove_prefix(end + 1);
  if (text.starts_with("msg=")) text.remove_prefix(4);
  if (!text.starts_with("audit(")) return std::nullopt;
  const std::size_t close = text.find(')');
  if (close == text.npos) return std::nullopt;
  head.stamp = text.substr(6, close - 6);
  if (!head.stamp.contains(':')) return std::nullopt;
  text.remove_prefix(close + 1);
  if (text.starts_with(" :")) {
    head.interpreted = true;
    text.remove_prefix(1);
  }
  if (!text.starts_with(':')) return std::nullopt;
  text.remove_prefix(1);
  head.body = text;
  return head;
}

AuditStamp read_audit_stamp(std::string_view stamp) {
  AuditStamp out;
  const std::size_t colon = stamp.rfind(':');
  if (colon == stamp.npos) return out;
  out.serial = stamp.substr(colon + 1);
  std::string_view at = stamp.substr(0, colon);
  const std::size_t dot = at.rfind('.');
  const std::string_view fraction = dot == at.npos ? std::string_view() : at.substr(dot + 1);
  const auto millis = fraction.empty() || fraction.size() > 9 ? std::optional<std::int64_t>(0)
                                                              : number<std::int64_t>(fraction);
  if (!millis) return out;
  std::int64_t nanos = *millis;
  for (std::size_t i = fraction.size(); i < 9 && nanos != 0; ++i) nanos *= 10;
  const std::string_view whole = at.substr(0, std::min(dot, at.size()));
  constexpr std::int64_t kLatest = 253'402'300'799;  // 9999
  if (const auto seconds = number<std::int64_t>(whole); seconds && *seconds >= 0 && *seconds <= kLatest) {
    out.time = from_unix(*seconds, nanos);
    return out;
  }
  out.local = true;
  const std::size_t blank = whole.find(' ');
  if (blank == whole.npos) return out;
  const std::string_view date = whole.substr(0, blank), clock = whole.substr(blank + 1);
  std::string iso(date);
  if (date.size() >= 8 && date[2] == '/' && date[5] == '/') {
    const std::string_view year = date.substr(6);
    iso = fmt::format("{}{}-{}-{}", year.size() == 2 ? "20" : "", year, date.substr(0, 2), date.substr(3, 2));
  }
  if (const auto time = parse_time(iso + "T" + std::string(clock)))
    out.time = Time{time->ticks + nanos / 100};
  return out;
}

AuditType audit_type(const AuditTable& table, std::string_view type) {
  if (const auto at = table.types.find(type); at != table.types.end()) return {at->first, at->second};
  std::string_view digits = type;
  if (digits.starts_with("UNKNOWN[") && digits.ends_with(']')) digits = digits.substr(8, digits.size() - 9);
  const auto value = number<std::uint32_t>(digits);
  constexpr std::uint32_t kLast = 2999;
  if (!value || *value > kLast) return {type, std::nullopt};
  const auto at = table.names.find(*value);
  return {at == table.names.end() ? type : std::string_view(at->second), value};
}

void AuditFields::clear() {
  fields_.clear();
  pieces_.clear();
  texts_.clear();
  words_.clear();
  cut_ = mended_ = false;
}

void AuditFields::read(const AuditHead& head, std::string_view type) {
  std::string_view plain = head.body, enriched;
  // rsyslog writes a control character as "#035".
  for (const std::string_view mark : {"\x1D"sv, "#035"sv}) {
    const std::size_t at = plain.find(mark);
    if (at == plain.npos) continue;
    enriched = plain.substr(at + mark.size());
    plain = plain.substr(0, at);
    break;
  }
  if (head.interpreted) {
    read_interpreted(plain, type, 0);
  } else {
    read_pairs(plain, type, 0);
  }
  read_pairs(enriched, type, 1);
}

/// key=value, value in quotes, in apostrophes (then there are pairs in it) or in braces; words that are no
/// pair are kept together.
void AuditFields::read_pairs(std::string_view text, std::string_view type, int depth) {
  std::size_t at = 0;
  while (at < text.size()) {
    at = text.find_first_not_of(" \t\r,", at);
    if (at == text.npos) return;
    const std::size_t end = std::min(text.find_first_of(" \t\r", at), text.size());
    // Looked for inside the word only: a line of words without "=" must not cost its square.
    const std::size_t assign = at + std::min(text.substr(at, end - at).find('='), end - at);
    if (assign >= end || !is_key(text.substr(at, assign - at))) {
      const std::string_view word = text.substr(at, end - at);
      if (word == "{") {  // avc:  denied  { read write } for …
        const std::size_t close = std::min(text.find('}', at), text.size());
        std::string_view permissions = text.substr(at + 1, close - at - 1);
        while (permissions.starts_with(' ')) permissions.remove_prefix(1);
        while (permissions.ends_with(' ')) permissions.remove_suffix(1);
        put("seperms", permissions);
        at = std::min(close + 1, text.size());
        continue;
      }
      if (word == "denied" || word == "granted") put("seresult", word);
      if (word != ":") words_.append(words_.empty() ? "" : " ").append(word);
      at = end;
      continue;
    }
    const std::string_view name = text.substr(at, assign - at);
    const std::size_t begin = assign + 1;
    const char open = begin < text.size() ? text[begin] : ' ';
    if (open == '"') {
      const std::size_t close = std::min(text.find('"', begin + 1), text.size());
      add(name, text.substr(begin + 1, close - begin - 1), true, type);
      at = std::min(close + 1, text.size());
    } else if (open == '\'' && depth == 0) {
      std::size_t close = text.rfind('\'');
      if (close == begin) close = text.size();
      read_pairs(text.substr(begin + 1, close - begin - 1), type, depth + 1);
      at = std::min(close + 1, text.size());
    } else if (open == '{' && depth < 2) {
      const std::size_t close = std::min(text.find('}', begin), text.size());
      put(name, text.substr(begin, std::min(close + 1, text.size()) - begin));
      read_pairs(text.substr(begin + 1, close - begin - 1), type, depth + 1);
      at = std::min(close + 1, text.size());
    } else {
      std::string_view value =
          text.substr(begin, std::min(text.find_first_of(" \t\r", begin), text.size()) - begin);
      at = begin + value.size();
      if (value.ends_with(',')) value.remove_suffix(1);
      add(name, value, false, type);
    }
  }
}

/// Values without quotes, which may hold blanks: one reaches to the next key. Of a value that can hold
/// anything, only the key that must come next ends it.
void AuditFields::read_interpreted(std::string_view text, std::string_view type, int depth) {
  if (type == "AVC" || type == "USER_AVC") return read_pairs(text, type, depth);
  const auto key_at = [&](std::size_t at) -> std::string_view {
    const std::string_view front = text.substr(at, kLongestKey + 1);
    const std::string_view key = front.substr(0, front.find('='));
    return key.size() < front.size() && is_key(key) ? key : std::string_view();
  };
  std::size_t at = std::min(text.find_first_not_of(' '), text.size());
  while (at < text.size()) {
    const std::string_view name = key_at(at);
    if (name.empty()) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      words_.append(words_.empty() ? "" : " ").append(text.substr(at, end - at));
      at = std::min(text.find_first_not_of(' ', end), text.size());
      continue;
    }
    const std::size_t begin = at + name.size() + 1;
    if (name == "msg" && depth == 0 && begin < text.size() && text[begin] == '\'') {
      std::size_t close = text.rfind('\'');
      if (close == begin) close = text.size();
      const std::string_view rest = text.substr(begin + 1, close - begin - 1);
      read_interpreted(rest, "", depth + 1);
      at = std::min(close + 2, text.size());
      continue;
    }
    const auto argument = type == "EXECVE" ? argument_number(name) : std::nullopt;
    const bool last = name == "proctitle" || name == "cwd" || name == "data";
    std::size_t end = last ? text.size() : text.find(' ', begin);
    for (; !last && end != text.npos; end = text.find(' ', end + 1)) {
      const std::string_view next = key_at(end + 1);
      if (argument ? argument_number(next) == *argument + 1 : !next.empty()) break;
    }
    end = std::min(end, text.size());
    std::string_view value = text.substr(begin, end - begin);
    while (value.ends_with(' ') || value.ends_with('\r')) value.remove_suffix(1);
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    put(name, value);
    at = std::min(end + 1, text.size());
  }
}

void AuditFields::add(std::string_view name, std::string_view raw, bool quoted, std::string_view type) {
  if (type == "EXECVE" && name.starts_with('a') && name.size() > 2) {
    if (name.ends_with(']') && add_piece(name, raw, quoted)) return;
    if (name.ends_with("_len") && argument_number(name.substr(0, name.size() - 4))) return;
  }
  if (quoted) return put(name, raw);
  const bool encoded = table_.encoded.contains(name) || (type == "EXECVE" && argument_number(name));
  auto bytes = encoded ? from_hex(raw) : std::nullopt;
  if (!bytes || !needs_hex(*bytes)) return put(name, raw);
  if (table_.lists.contains(name)) {
    for (std::size_t at = 0; at <= bytes->size();) {
      const std::size_t end = std::min(bytes->find('\x01', at), bytes->size());
      add_decoded(name, bytes->substr(at, end - at));
      at = end + 1;
    }
    return;
  }
  if (name == "proctitle") {
    while (bytes->ends_with('\0')) bytes->pop_back();
    std::replace(bytes->begin(), bytes->end(), '\0', ' ');
  }
  add_decoded(name, std::move(*bytes));
}

/// "a1[2]=…": a piece of an argument; nothing checks that hexadecimal was needed, since only the whole tells.
bool AuditFields::add_piece(std::string_view name, std::string_view raw, bool quoted) {
  const std::size_t open = name.find('[');
  if (open == name.npos) return false;
  const auto argument = argument_number(name.substr(0, open));
  const auto piece = number<std::uint32_t>(name.substr(open + 1, name.size() - open - 2));
  if (!argument || !piece || pieces_.size() >= limits::kAuditPieces) return false;
  auto bytes = quoted ? std::nullopt : from_hex(raw);
  pieces_.push_back({*argument, *piece, bytes ? std::move(*bytes) : std::string(raw)});
  return true;
}

void AuditFields::add_decoded(std::string_view name, std::string bytes) {
  std::string& text = texts_.emplace_back();
  mended_ = mended_ || !landwarden::text::is_utf8(bytes);
  landwarden::text::append_valid_utf8(text, bytes);
  put(name, text);
}

void AuditFields::put(std::string_view name, std::string_view value) {
  if (fields_.size() >= limits::kTextFields) {
    cut_ = true;
    return;
  }
  fields_.push_back({name, value});
}

void AuditFields::finish(std::string_view type) {
  std::stable_sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) {
    return a.argument != b.argument ? a.argument < b.argument : a.number < b.number;
  });
  for (std::size_t i = 0; i < pieces_.size();) {
    std::string whole;
    const std::uint32_t argument = pieces_[i].argument;
    for (; i < pieces_.size() && pieces_[i].argument == argument; ++i) whole += pieces_[i].bytes;
    add_decoded(texts_.emplace_back("a" + std::to_string(argument)), std::move(whole));
  }
  if (!words_.empty()) add_decoded("text", words_);
  if (type == "SYSCALL" || type == "SECCOMP") add_syscall_name();
  if (type == "SOCKADDR") add_socket_address();
}

void AuditFields::add_syscall_name() {
  const auto arch = find("arch"), syscall = find("syscall");
  if (!arch || !syscall || find("SYSCALL")) return;
  const auto call = number<std::uint32_t>(*syscall);
  if (!call) {  // interpreted: it is the name
    if (!syscall->empty() && !is_digit((*syscall)[0])) put("SYSCALL", *syscall);
    return;
  }
  const auto names = table_.syscalls.find(*arch);
  if (names == table_.syscalls.end()) return;
  if (const auto at = names->second.find(*call); at != names->second.end()) put("SYSCALL", at->second);
}

void AuditFields::add_socket_address() {
  const auto raw = find("saddr");
  if (!raw || find("laddr") || find("saddr_fam")) return;
  const auto bytes = from_hex(*raw);
  if (!bytes) return;
  SocketAddress address = socket_address(*bytes);
  if (!address.family.empty()) put("saddr_fam", address.family);
  if (!address.address.empty()) add_decoded("laddr", std::move(address.address));
  if (!address.port.empty()) add_decoded("lport", std::move(address.port));
  if (!address.path.empty()) add_decoded("path", std::move(address.path));
}

std::optional<std::string_view> AuditFields::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> AuditFields::arguments() const {
  std::vector<std::optional<std::string_view>> found;
  for (const Field& field : fields_) {
    const auto at = argument_number(field.name);
    if (!at || *at >= limits::kTextFields) continue;
    if (found.size() <= *at) found.resize(*at + 1);
    found[*at] = field.value;
  }
  std::vector<std::string_view> out;
  for (const auto& argument : found) {
    if (!argument) break;
    out.push_back(*argument);
  }
  return out;
}

void append_shell_words(std::string& out, const std::vector<std::string_view>& arguments) {
  const auto plain = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || "_@%+=:,./-"sv.contains(c) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  for (const std::string_view argument : arguments) {
    if (!out.empty()) out += ' ';
    if (!argument.empty() && std::all_of(argument.begin(), argument.end(), plain)) {
      out += argument;
      continue;
    }
    out += '\'';
    for (const char c : argument) {
      if (c == '\'') {
        out += "'\\''";
      } else {
        out += c;
      }
    }
    out += '\'';
  }
}

}  // namespace landwarden::decode::text
