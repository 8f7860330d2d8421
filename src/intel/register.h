// The register of decisions: what catalogues list, what the user has decided, and what holds for whom on a
// day.
//
// Decisions of the user stand in a file of theirs (docs/catalogues.md) and go before those of catalogues; the
// first in the file that fits wins. Where neither has decided, ours do (content/decisions.yaml): by name, or
// by kind for what public catalogues list. A decision whose last day is over is told, and ignored. Not
// thread-safe while things are added; const functions afterwards.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "intel/catalogue.h"

namespace landwarden::intel {

/// One decision of the user, about one or more names.
struct UserDecision {
  std::vector<std::string> names;  ///< with * and ?, without case; ".exe" may be left out
  std::optional<ThingKind> kind;   ///< only things of this kind; what a name is that no catalogue has
  Decision decision;
};

/// All decisions of a file, or everything that is wrong with it, each with its place.
struct ReadDecisions {
  std::vector<UserDecision> decisions;
  std::vector<Error> errors;
};
[[nodiscard]] ReadDecisions read_decisions(std::string_view text, const std::string& file);
/// Those of content/decisions.yaml.
[[nodiscard]] const std::vector<UserDecision>& built_in_decisions();

/// Whether `pattern` (* any run, ? one character) is all of `text`, without case.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

class Register {
 public:
  /// All that is said of one name.
  struct Item {
    std::string name;  ///< as the first catalogue writes it
    ThingKind kind{};
    std::vector<Thing> entries;  ///< a catalogue each; empty if only decisions name it
    [[nodiscard]] bool has_platform(std::string_view platform) const;
  };
  /// A decision as it stands for an item on a day.
  struct Standing {
    enum class State : std::uint8_t {
      in_force,   ///< this one
      elsewhere,  ///< holds for other hosts or accounts than those asked about
      overruled,  ///< one before it holds for the same hosts and accounts
      expired,
    } state = State::in_force;
    const Decision* decision = nullptr;
    bool from_user = false;
  };
  /// Who is asked about; empty = nobody in particular, so that only decisions for all are in force.
  struct Whom {
    std::string host, account;
  };

  void add(Catalogue catalogue);
  void add(std::vector<UserDecision> decisions);
  /// Decisions for what nobody else has decided; after the catalogues.
  void add_defaults(const std::vector<UserDecision>& decisions);

  /// Sorted by name, without case.
  [[nodiscard]] std::vector<const Item*> items() const;
  /// By its name, or an alias of an entry; nullptr if nobody has said anything about it.
  [[nodiscard]] const Item* find(std::string_view name) const;

  /// Everything decided about an item, the one in force (if any) and what comes before and after it.
  [[nodiscard]] std::vector<Standing> standings(const Item& item, const Whom& whom, Time today) const;
  [[nodiscard]] Verdict verdict(const Item& item, const Whom& whom, Time today) const;

  /// Decisions of the user that are over on this day, in file order.
  [[nodiscard]] std::vector<const UserDecision*> expired(Time today) const;

 private:
  void name_items(const UserDecision& decision);
  [[nodiscard]] bool is_about(const UserDecision& decision, const Item& item) const;

  std::map<std::string, Item, std::less<>> items_;
  std::map<std::string, std::string, std::less<>> aliases_;  ///< key → key of the item
  std::vector<UserDecision> decisions_, defaults_;
};

}  // namespace landwarden::intel
