#include "sigma/processing_draft.h"

#include <charconv>
#include <utility>

namespace landwarden::sigma {
namespace {

constexpr char kMark = '\x1F';

Expression moved(const Expression& tree, std::int64_t by) {
  Expression out;
  out.kind = tree.kind;
  if (tree.kind == Expression::Kind::test)
    out.test = static_cast<std::uint32_t>(static_cast<std::int64_t>(tree.test) + by);
  for (const Expression& child : tree.children) out.children.push_back(moved(child, by));
  return out;
}

}  // namespace

std::string draft_mark_name(std::size_t number) {
  return kMark + std::to_string(number);
}

DraftPart draft_of(const Expression& tree, const std::vector<Test>& tests,
                   const std::vector<DraftMark>& marks) {
  DraftPart out;
  std::size_t number = 0;
  if (!tree.name.empty() && tree.name.front() == kMark) {
    std::from_chars(tree.name.data() + 1, tree.name.data() + tree.name.size(), number);
    const DraftMark& mark = marks[number];
    out.kind = DraftPart::Kind::item;
    out.item.field = mark.field;
    out.item.all = mark.all;
    const auto first = tests.begin() + static_cast<std::ptrdiff_t>(mark.first);
    out.item.tests.assign(first, first + static_cast<std::ptrdiff_t>(mark.count));
    out.item.tree = moved(tree, -static_cast<std::int64_t>(mark.first));
    return out;
  }
  out.kind = tree.kind == Expression::Kind::any ? DraftPart::Kind::any : DraftPart::Kind::all;
  for (const Expression& child : tree.children) out.children.push_back(draft_of(child, tests, marks));
  return out;
}

Expression tree_of(const DraftPart& part, std::vector<Test>& tests) {
  if (part.kind == DraftPart::Kind::item) {
    const auto first = static_cast<std::int64_t>(tests.size());
    tests.insert(tests.end(), part.item.tests.begin(), part.item.tests.end());
    return moved(part.item.tree, first);
  }
  Expression out;
  out.kind = part.kind == DraftPart::Kind::any ? Expression::Kind::any : Expression::Kind::all;
  for (const DraftPart& child : part.children) {
    if (!child.gone()) out.children.push_back(tree_of(child, tests));
  }
  if (out.children.size() == 1) {
    Expression only = std::move(out.children.front());
    return only;
  }
  return out;
}

}  // namespace landwarden::sigma
