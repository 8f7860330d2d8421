// All indicators of a search as tables: which of them a value of a field meets, in one look-up a kind.
//
// Fields say how their values are to be read (FieldTable, content/indicators/fields.yaml): whole, as a path,
// as pairs of hashes, as free text whose words are looked at. Immutable after it is made; any thread.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ip.h"
#include "base/result.h"
#include "intel/indicator.h"

namespace landwarden::intel {

/// How the values of a field are read.
enum class FieldForm : std::uint8_t {
  whole,   ///< one value of one of the kinds
  path,    ///< a path: itself, the folders above it, its last part
  hashes,  ///< "MD5=…,SHA256=…", or one hash
  text,    ///< words between blanks, quotes and separators, each as whatever it looks like
};

/// Kinds as bits.
using KindMask = std::uint32_t;
[[nodiscard]] constexpr KindMask bit_of(IndicatorKind kind) {
  return KindMask{1} << static_cast<unsigned>(kind);
}

struct FieldUse {
  FieldForm form = FieldForm::whole;
  KindMask kinds = 0;
  auto operator<=>(const FieldUse&) const = default;
};

/// Which fields hold which kinds, and how fast kinds grow old.
class FieldTable {
 public:
  [[nodiscard]] static Result<FieldTable> read(std::string_view text, const std::string& file);
  [[nodiscard]] static const FieldTable& built_in();

  /// As the table spells the name, in lower case, or with its first letter the other way; nothing for fields
  /// that hold no indicators.
  [[nodiscard]] std::optional<FieldUse> use_of(std::string_view field) const;
  /// All these spellings, sorted: what decoders must be asked for.
  [[nodiscard]] std::vector<std::string> spellings() const;
  /// Days after which an indicator of this kind is worth half; nothing: it does not grow old.
  [[nodiscard]] std::optional<unsigned> half_life_days(IndicatorKind kind) const {
    return half_lives_[static_cast<std::size_t>(kind)];
  }

 private:
  std::unordered_map<std::string, FieldUse, TextHash, std::equal_to<>> fields_;
  std::array<std::optional<unsigned>, kIndicatorKinds> half_lives_{};
};

/// What an indicator is worth on a day: its confidence (50 if nobody said), halved by its age, 0 beyond its
/// own end. Nothing is ever certain: at most 100.
[[nodiscard]] unsigned worth(const Indicator& indicator, Time day, const FieldTable& fields);

class IndicatorSet {
 public:
  using TermId = std::uint32_t;

  explicit IndicatorSet(std::vector<Indicator> indicators);

  [[nodiscard]] const std::vector<Indicator>& indicators() const { return indicators_; }
  [[nodiscard]] bool empty() const { return indicators_.empty(); }

  /// Appends the terms that a value meets; some may come twice.
  void test(std::string_view value, FieldUse use, std::vector<TermId>& met) const;
  /// The indicators all of whose terms are in `met`, rising; sorts `met` and takes doubles out.
  void complete(std::vector<TermId>& met, std::vector<std::uint32_t>& indicators) const;
  /// Whether one of the indicator's terms is this one.
  [[nodiscard]] bool has_term(std::uint32_t indicator, TermId term) const;

 private:
  void look_up(IndicatorKind kind, std::string_view form, std::vector<TermId>& met) const;
  void test_kind(IndicatorKind kind, std::string_view value, std::vector<TermId>& met) const;
  void test_ip(std::string_view value, std::vector<TermId>& met) const;
  void test_domain(std::string_view form, std::vector<TermId>& met) const;
  void test_path(std::string_view value, KindMask kinds, std::vector<TermId>& met) const;
  void test_registry(std::string_view form, std::vector<TermId>& met) const;
  void test_hashes(std::string_view value, KindMask kinds, std::vector<TermId>& met) const;
  void test_text(std::string_view value, KindMask kinds, std::vector<TermId>& met) const;
  void test_word(std::string_view word, KindMask kinds, std::vector<TermId>& met) const;

  std::vector<Indicator> indicators_;
  using Table = std::unordered_map<std::string, TermId, TextHash, std::equal_to<>>;
  std::array<Table, kIndicatorKinds> terms_;
  struct Network {
    IpNetwork network;
    TermId term;
  };
  std::vector<Network> networks_;
  std::vector<std::vector<TermId>> terms_of_;         ///< by indicator
  std::vector<std::vector<std::uint32_t>> users_of_;  ///< by term: indicators
};

}  // namespace landwarden::intel
