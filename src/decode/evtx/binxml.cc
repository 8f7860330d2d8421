#include "decode/evtx/binxml.h"

#include <array>

#include "base/limits.h"

namespace landwarden::decode::evtx {
namespace {

constexpr Reason kCutShort = "a binary XML token is cut short";

/// Where the next node of a chain is hooked in.
struct Hook {
  std::uint32_t owner = 0;
  std::uint32_t last = 0;
};

class StreamParser {
 public:
  StreamParser(Bytes chunk, std::size_t begin, std::size_t end, StreamKind kind, Tree& tree,
               StreamNotes* notes, NameHashes hashes)
      : chunk_(chunk),
        begin_(begin),
        at_(begin),
        end_(end),
        kind_(kind),
        tree_(tree),
        notes_(notes),
        hashes_(hashes) {}

  Parsed<void> run() {
    tree_.clear();
    if (notes_ != nullptr) notes_->clear();
    if (end_ > chunk_.size() || at_ > end_) return std::unexpected(kCutShort);
    while (at_ < end_) {
      const auto token = std::to_integer<std::uint8_t>(chunk_[at_]);
      if (token == 0x00) {
        ++at_;
        if (notes_ != nullptr) notes_->marked_end = true;
        break;
      }
      if (reason_ = token_at(token); reason_ != nullptr) return std::unexpected(reason_);
    }
    if (open_ || depth_ != 0) return std::unexpected("an element is not closed");
    if (notes_ != nullptr) notes_->end = at_;
    return {};
  }

 private:
  [[nodiscard]] bool has(std::size_t size) const { return end_ - at_ >= size; }
  template <class T>
  T take() {
    const T value = load<T>(chunk_.data() + at_);
    at_ += sizeof(T);
    return value;
  }

  Reason token_at(std::uint8_t token) {
    switch (token) {
      case 0x01:
      case 0x41:
        return start_element(token == 0x41);
      case 0x02:
        return close_start();
      case 0x03:
        return close_empty();
      case 0x04:
        return end_element();
      case 0x05:
      case 0x45:
        return value();
      case 0x06:
      case 0x46:
        return attribute();
      case 0x07:
      case 0x47:
        return counted_text(true);
      case 0x08:
      case 0x48:
        return character_reference();
      case 0x09:
      case 0x49:
        return entity_reference();
      case 0x0a:
        return processing_target();
      case 0x0b:
        return counted_text(false);
      case 0x0c:
        return instance();
      case 0x0d:
      case 0x0e:
        return slot();
      case 0x0f:
        if (!has(4)) return kCutShort;
        at_ += 4;
        return nullptr;
      default:
        return "an unknown binary XML token";
    }
  }

  /// A node at the end of the chain that is being built.
  Reason add(Node node) {
    if (tree_.nodes.size() >= limits::kEvtxNodes) return "more XML nodes than any event has";
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    tree_.nodes.push_back(node);
    Hook& hook = hooks_[depth_ + (open_ ? 1 : 0)];
    if (hook.last != 0) {
      tree_.nodes[hook.last].next = index;
    } else if (hook.owner != 0) {
      tree_.nodes[hook.owner].first = index;
    } else {
      tree_.first = index;
    }
    hook.last = index;
    return nullptr;
  }

  Reason add_content(Node node) {
    if (open_ && attribute_ == 0) return "text stands where an attribute is expected";
    if (!open_ && depth_ == 0) return "text stands outside of any element";
    return add(node);
  }

  /// A name is defined where it is used first in a chunk; elsewhere only its offset is given.
  Reason name(Bytes& out) {
    if (!has(4)) return kCutShort;
    const std::size_t use = at_;
    const std::size_t offset = take<std::uint32_t>();
    const auto found = name_at(chunk_, offset);
    if (!found) return found.error();
    out = found->subspan(2);
    if (hashes_ == NameHashes::checked && load<std::uint16_t>(found->data() - 2) != name_hash(out))
      return "a name was overwritten";
    if (offset == at_) {
      if (!has(out.size() + 10)) return kCutShort;
      at_ += out.size() + 10;
    }
    if (notes_ != nullptr)
      notes_->names.push_back({static_cast<std::uint32_t>(use - begin_), offset == use + 4, *found});
    return nullptr;
  }

  void skip_size() {
    if (notes_ != nullptr) notes_->sizes.push_back(static_cast<std::uint32_t>(at_));
    at_ += 4;
  }

  Reason start_element(bool has_attributes) {
    if (open_) return "an element begins inside another's start tag";
    if (depth_ + 1 >= limits::kEvtxDepth) return "elements are nested too deep";
    ++at_;
    Node node{.kind = NodeKind::element};
    const std::size_t dependency_bytes = kind_ == StreamKind::definition ? 2 : 0;
    if (!has(dependency_bytes + 4)) return kCutShort;
    if (dependency_bytes != 0) node.number = take<std::uint16_t>();
    skip_size();  // of the element
    if (const Reason reason = name(node.bytes)) return reason;
    if (has_attributes) {
      if (!has(4)) return kCutShort;
      skip_size();  // of the attributes
    }
    if (const Reason reason = add(node)) return reason;
    element_ = static_cast<std::uint32_t>(tree_.nodes.size() - 1);
    attribute_ = 0;
    open_ = true;
    return nullptr;
  }

  Reason attribute() {
    if (!open_) return "an attribute stands outside of a start tag";
    ++at_;
    Node node{.kind = NodeKind::attribute};
    if (const Reason reason = name(node.bytes)) return reason;
    if (tree_.nodes.size() >= limits::kEvtxNodes) return "more XML nodes than any event has";
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    tree_.nodes.push_back(node);
    (attribute_ != 0 ? tree_.nodes[attribute_].next : tree_.nodes[element_].attributes) = index;
    attribute_ = index;
    hooks_[depth_ + 1] = {.owner = index};
    return nullptr;
  }

  Reason close_start() {
    if (!open_) return "a start tag ends that never began";
    ++at_;
    open_ = false;
    hooks_[++depth_] = {.owner = element_};
    return nullptr;
  }

  Reason close_empty() {
    if (!open_) return "a start tag ends that never began";
    ++at_;
    open_ = false;
    return nullptr;
  }

  Reason end_element() {
    if (open_ || depth_ == 0) return "an element ends that never began";
    ++at_;
    --depth_;
    return nullptr;
  }

  /// CDATA is text; what a processing instruction says is not.
  Reason counted_text(bool keep) {
    ++at_;
    if (!has(2)) return kCutShort;
    const std::size_t size = std::size_t{2} * take<std::uint16_t>();
    if (!has(size)) return kCutShort;
    const Bytes bytes = chunk_.subspan(at_, size);
    at_ += size;
    return keep && size != 0 ? add_content({.kind = NodeKind::text, .bytes = bytes}) : nullptr;
  }

  Reason processing_target() {
    ++at_;
    Bytes ignored;
    return name(ignored);
  }

  Reason character_reference() {
    ++at_;
    if (!has(2)) return kCutShort;
    return add_content({.kind = NodeKind::character, .number = take<std::uint16_t>()});
  }

  Reason entity_reference() {
    ++at_;
    Bytes entity;
    if (const Reason reason = name(entity)) return reason;
    static constexpr struct {
      std::u16string_view name;
      char16_t unit;
    } kEntities[] = {{u"amp", '&'}, {u"lt", '<'}, {u"gt", '>'}, {u"quot", '"'}, {u"apos", '\''}};
    for (const auto& known : kEntities) {
      if (entity.size() == known.name.size() * 2 &&
          std::memcmp(entity.data(), known.name.data(), entity.size()) == 0) {
        return add_content({.kind = NodeKind::character, .number = known.unit});
      }
    }
    return add_content({.kind = NodeKind::text, .bytes = entity});
  }

  Reason slot() {
    ++at_;
    if (!has(3)) return kCutShort;
    const Node node{.kind = NodeKind::slot, .number = load<std::uint16_t>(chunk_.data() + at_)};
    at_ += 3;  // the type that follows is only expected; the value has its own
    if (kind_ == StreamKind::record) return "a substitution stands outside of a template";
    return add_content(node);
  }

  Reason value() {
    ++at_;
    if (!has(1)) return kCutShort;
    const auto type = take<std::uint8_t>();
    if (type == value_type::kNull) return nullptr;
    const auto size = literal_size(chunk_, at_, end_, type);
    if (!size) return size.error();
    const Node node{.kind = NodeKind::value, .type = type, .bytes = chunk_.subspan(at_, *size)};
    at_ += *size;
    return *size == 0 ? nullptr : add_content(node);
  }

  Reason instance() {
    if (kind_ == StreamKind::definition) return "a template holds an instance of a template";
    if (open_) return "a template instance stands in an attribute";
    const auto parsed = parse_instance(chunk_, at_, end_);
    if (!parsed) return parsed.error();
    const Node node{.kind = NodeKind::instance, .bytes = chunk_.subspan(at_, parsed->end - at_)};
    at_ = parsed->end;
    return add(node);
  }

  Bytes chunk_;
  std::size_t begin_;
  std::size_t at_;
  std::size_t end_;
  StreamKind kind_;
  Tree& tree_;
  StreamNotes* notes_;
  NameHashes hashes_;
  Reason reason_ = nullptr;
  bool open_ = false;  ///< between an element's name and the end of its start tag
  std::size_t depth_ = 0;
  std::uint32_t element_ = 0;    ///< begun last
  std::uint32_t attribute_ = 0;  ///< of it, begun last
  std::array<Hook, limits::kEvtxDepth + 2> hooks_{};
};

}  // namespace

Parsed<std::size_t> literal_size(Bytes chunk, std::size_t& at, std::size_t end, std::uint8_t type) {
  std::size_t size = 0;
  switch (type) {
    case value_type::kText:
    case value_type::kAnsi:
    case value_type::kBinary:
    case value_type::kXml:
    case value_type::kBinXml:
      if (end - at < 2) return std::unexpected(kCutShort);
      size = load<std::uint16_t>(chunk.data() + at);
      at += 2;
      if (type == value_type::kText || type == value_type::kXml) size *= 2;
      break;
    case value_type::kInt8:
    case value_type::kUint8:
      size = 1;
      break;
    case value_type::kInt16:
    case value_type::kUint16:
      size = 2;
      break;
    case value_type::kInt32:
    case value_type::kUint32:
    case value_type::kFloat:
    case value_type::kBool:
    case value_type::kHex32:
      size = 4;
      break;
    case value_type::kInt64:
    case value_type::kUint64:
    case value_type::kDouble:
    case value_type::kFileTime:
    case value_type::kHex64:
      size = 8;
      break;
    case value_type::kGuid:
    case value_type::kSystemTime:
      size = 16;
      break;
    case value_type::kSid:
      if (end - at < 2) return std::unexpected(kCutShort);
      size = 8 + std::size_t{4} * std::to_integer<std::size_t>(chunk[at + 1]);
      break;
    default:
      return std::unexpected("a value of an unknown type stands in the text");
  }
  if (end - at < size) return std::unexpected(kCutShort);
  return size;
}

Parsed<Bytes> name_at(Bytes chunk, std::size_t offset) {
  if (offset > chunk.size() || chunk.size() - offset < 8)
    return std::unexpected("a name lies outside the chunk");
  const std::size_t size = std::size_t{2} * load<std::uint16_t>(chunk.data() + offset + 6);
  if (size == 0 || size > 2 * limits::kEvtxNameUnits)
    return std::unexpected("a name is empty or longer than any real one");
  if (chunk.size() - offset - 8 < size) return std::unexpected("a name lies outside the chunk");
  return chunk.subspan(offset + 6, size + 2);
}

Parsed<void> parse_stream(Bytes chunk, std::size_t begin, std::size_t end, StreamKind kind, Tree& tree,
                          StreamNotes* notes, NameHashes hashes) {
  return StreamParser(chunk, begin, end, kind, tree, notes, hashes).run();
}

std::uint16_t name_hash(Bytes units) {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i + 2 <= units.size(); i += 2)
    hash = hash * 65599 + load<std::uint16_t>(units.data() + i);
  return static_cast<std::uint16_t>(hash);
}

Parsed<Instance> parse_instance_head(Bytes chunk, std::size_t at, std::size_t end) {
  constexpr Reason kCut = "a template instance is cut short";
  if (end > chunk.size() || at > end || end - at < 14) return std::unexpected(kCut);
  Instance found;
  found.template_id = load<std::uint32_t>(chunk.data() + at + 2);
  found.definition = load<std::uint32_t>(chunk.data() + at + 6);
  at += 10;
  if (found.definition == at) {
    if (end - at < kDefinitionHeaderBytes + 4) return std::unexpected(kCut);
    const std::size_t size = load<std::uint32_t>(chunk.data() + at + 20);
    at += kDefinitionHeaderBytes;
    if (size > end - at || end - at - size < 4)
      return std::unexpected("a template definition runs past its record");
    at += size;
  }
  found.count = load<std::uint32_t>(chunk.data() + at);
  at += 4;
  if (found.count > limits::kEvtxSubstitutions) return std::unexpected("more values than any template has");
  if (std::size_t{found.count} * 4 > end - at) return std::unexpected(kCut);
  found.descriptors = at;
  found.values = at + std::size_t{found.count} * 4;
  return found;
}

Parsed<Instance> parse_instance(Bytes chunk, std::size_t at, std::size_t end) {
  auto found = parse_instance_head(chunk, at, end);
  if (!found) return found;
  const std::byte* descriptor = chunk.data() + found->descriptors;
  std::size_t size = 0;
  for (std::size_t i = 0; i < found->count; ++i) size += load<std::uint16_t>(descriptor + i * 4);
  if (size > end - found->values) return std::unexpected(kValuesRunPast);
  found->end = found->values + size;
  return found;
}

std::size_t instance_token(Bytes chunk, std::size_t begin, std::size_t end) {
  if (begin < end && chunk[begin] == std::byte{0x0f} && end - begin > 4) begin += 4;
  return begin < end && chunk[begin] == std::byte{0x0c} ? begin : end;
}

}  // namespace landwarden::decode::evtx
