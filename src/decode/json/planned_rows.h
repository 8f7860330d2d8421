// Puts records into batches that have the same paths in the same order as some before, as LayoutRows would,
// but without asking again what was found out then: the layout, which path is which field, the columns.
//
// A plan is made for a sequence of paths that was met twice. Some values that stood in a field lately are
// kept as they were written, with their codes: one that stands there again costs a comparison. Records that
// differ from one put before in values only are known by their skeleton, and need no parser. What a record
// becomes never depends on the plans: what they cannot say (layouts that make fields, look at values or undo
// escapes; bad tokens) is left to LayoutRows. One worker's.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decode/json/layout_rows.h"
#include "decode/json/paths.h"
#include "decode/json/skeleton.h"
#include "decode/json/token.h"
#include "event/builder.h"

namespace landwarden::decode::json {

class PlannedRows {
 public:
  /// All must outlive it.
  PlannedRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths, LayoutRows& rows);
  ~PlannedRows();

  /// One record: the paths of its values and their tokens, its bytes and where they are. False if it was not
  /// put, nor anything of it.
  [[nodiscard]] bool put(LayoutRows::Seen& seen, std::span<PathEntry* const> entries,
                         std::span<const std::string_view> tokens, std::string_view original,
                         std::uint64_t offset);
  /// The record at the front of `text`, if it is one that ends with its line and whose bytes between the
  /// values are those of one put before; `readable` bytes may be read. Gives its size, or 0 if it was not
  /// put.
  [[nodiscard]] std::size_t put_known(LayoutRows::Seen& seen, std::string_view text, std::size_t readable,
                                      std::uint64_t offset);

 private:
  struct Lately;
  struct Step;
  struct DecidingStep;
  struct Cell;
  struct Placement;
  struct Decision;
  struct Plan;
  struct Sequence;
  struct LatelyHash {
    std::size_t operator()(const std::pair<event::ValueTable*, std::uintptr_t>& key) const {
      return std::hash<event::ValueTable*>()(key.first) ^ key.second * 31;
    }
  };
  /// A record's values. Those that are not read yet are read here when they are wanted.
  struct Tokens {
    const Token* tokens = nullptr;
    const std::string_view* texts = nullptr;
    Skeletons::Memo* const* memos = nullptr;  ///< null, or beside the tokens
    [[nodiscard]] std::string_view operator[](std::size_t i) const { return tokens[i].raw(); }
  };

  [[nodiscard]] bool put(LayoutRows::Seen& seen, Sequence& sequence, Tokens tokens, std::string_view original,
                         std::uint64_t offset);
  [[nodiscard]] Plan* plan_of(Sequence& sequence, Tokens tokens);
  [[nodiscard]] Sequence* sequence_of(std::span<PathEntry* const> entries);
  [[nodiscard]] std::unique_ptr<Plan> make(std::span<PathEntry* const> entries, std::size_t layout);
  [[nodiscard]] bool is_plain(std::span<PathEntry* const> entries, std::size_t layout) const;
  [[nodiscard]] static std::pair<bool, Needs> met_by_front(const Paths::Asking& asking,
                                                           std::string_view inside);
  void forget();
  void make_room();
  [[nodiscard]] bool read_rewritten(DecidingStep& step, Tokens tokens);
  [[nodiscard]] bool read(Tokens tokens, std::size_t number, Meaning& meaning);
  [[nodiscard]] Decision* decision_of(Plan& plan, Tokens tokens);
  [[nodiscard]] std::unique_ptr<Decision> decide(const Plan& plan, std::uint64_t nulls,
                                                 std::uint64_t counting, std::uint64_t rewritable) const;
  [[nodiscard]] Placement* placement_of(const Plan& plan, Decision& decision, Tokens tokens);
  [[nodiscard]] Placement& placement_of(const Plan& plan, Decision& decision, LayoutRows::Shape& shape);
  void find_column(Placement& placement, std::size_t number, std::uint32_t target, std::uintptr_t meaning);
  [[nodiscard]] bool read_codes(Plan& plan, const Decision& decision, Placement& placement, Tokens tokens);
  [[nodiscard]] bool find_code(Plan& plan, const Decision& decision, Placement& placement, std::size_t number,
                               Tokens tokens);
  [[nodiscard]] bool read_code(Plan& plan, const Decision& decision, Placement& placement, std::size_t number,
                               Tokens tokens);
  [[nodiscard]] bool read_system(const Plan& plan, const Decision& decision, std::size_t place, Tokens tokens,
                                 std::string_view& text);
  [[nodiscard]] bool read_meta(LayoutRows::Seen& seen, const Plan& plan, const Decision& decision,
                               Tokens tokens, event::RowMeta& meta);
  [[nodiscard]] bool read_host(const Plan& plan, const Decision& decision, Tokens tokens, event::Code& code);

  event::BatchBuilder& builder_;
  std::span<const Layout> layouts_;
  Paths& paths_;
  LayoutRows& rows_;
  std::uint64_t epoch_ = 0;  ///< of rows_
  std::uint64_t dictionary_epoch_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Sequence>> sequences_;  ///< by hash
  std::vector<Sequence*> by_number_;                                        ///< as the skeletons number them
  Skeletons skeletons_;
  std::vector<std::uint64_t> met_once_;  ///< hashes of sequences, by their last bits
  std::size_t cells_ = 0;                ///< of all plans
  /// By dictionary and what becomes of a value on its way there.
  std::unordered_map<std::pair<event::ValueTable*, std::uintptr_t>, std::unique_ptr<Lately>, LatelyHash>
      lately_;
  std::unique_ptr<Lately> nowhere_;  ///< where values go that nobody wants
  TextArena arena_;
  std::vector<Token> tokens_;       ///< of a record that was parsed
  std::vector<event::Code> codes_;  ///< of the record, kAbsent: nothing to put
  std::string buffer_, host_;       ///< host_: its token
  event::Code host_code_ = event::kAbsent;
  std::uint32_t host_generation_ = 0;
};

}  // namespace landwarden::decode::json
