#include "decode/evtx/plan.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "decode/evtx/layout.h"

namespace landwarden::decode::evtx {
namespace {

/// Notes each field that a template gives.
class PlanMaker {
 public:
  PlanMaker(Plan& plan, Place::Kind place) : plan_(plan), place_(place) {}

  void run() {
    plan_.direct = true;
    const Node& root = plan_.tree[plan_.tree.first];
    // A template is one element; an instance shows it whatever it depends on.
    if (plan_.tree.first == 0 || root.kind != NodeKind::element || root.next != 0) plan_.direct = false;
    plan_.is_event = plan_.direct && place_ == Place::event &&
                     as_text(root.bytes) == std::string_view("E\0v\0e\0n\0t\0", 10);
    FieldWalk(plan_.tree, *this).stream({place_, {}}, place_ == Place::event);
    if (embedding_slots_ == 0) plan_.embedded_at = plan_.fields.size();
    find_system_fields();
    count_cells();
    for (std::size_t slot = 0; slot < plan_.slots.size(); ++slot) {
      if (plan_.slots[slot] == Plan::may_embed)
        plan_.embedding |= std::uint64_t{1} << std::min(slot, kRestOfSlots);
    }
  }

  bool leave_out(std::uint16_t dependency) {
    dependencies_.push_back(dependency);
    return false;
  }
  void end_element() { dependencies_.pop_back(); }

  bool embeds(const Node& node, const Place& place) {
    if (node.kind == NodeKind::instance ||
        (node.kind == NodeKind::value && node.type == value_type::kBinXml)) {
      plan_.direct = false;
      return false;
    }
    // Directly in <Event>, <EventData> or <UserData> a slot holds an embedded stream as a rule; elsewhere a
    // slot that turns out to hold one sends its record the long way round.
    return node.kind == NodeKind::slot && plan_.is_event && (place.kind == Place::event || place.part);
  }

  void expand(const Node& node, const Place& place, bool) {
    use(node.number, Plan::may_embed);
    if (embedding_slots_++ == 0) {
      plan_.embedded_at = plan_.fields.size();
      plan_.embedded_place = place.kind;
    }
    if (plan_.embedded_at != plan_.fields.size() || plan_.embedded_place != place.kind) plan_.direct = false;
    for (const std::uint16_t dependency : dependencies_) {
      // Depending on the very value that holds the stream says nothing new.
      if (dependency != kNoDependency && dependency != node.number) plan_.direct = false;
    }
  }

  std::string literal(std::uint32_t first) {
    const std::vector<Part> parts = parts_of(first);
    std::string out;
    for (const Part& part : parts) {
      if (part.is_slot) plan_.direct = false;
      out += part.text;
    }
    return out;
  }

  void field(std::string_view name, std::uint32_t first, WhenEmpty when_empty) {
    FieldPlan field{
        .name = std::string(name), .when_empty = when_empty, .parts = parts_of(first), .dependencies = {}};
    for (const std::uint16_t dependency : dependencies_) {
      if (dependency != kNoDependency) field.dependencies.push_back(dependency);
    }
    if (field.is_slot()) {
      use(field.parts[0].slot, Plan::may_be_list);
    } else {
      for (const Part& part : field.parts) {
        if (part.is_slot) use(part.slot, Plan::plain);
      }
    }
    if (field.is_literal() && when_empty == WhenEmpty::absent &&
        (field.parts.empty() || field.parts[0].text.empty())) {
      return;
    }
    plan_.fields.push_back(std::move(field));
  }

 private:
  /// A slot may hold a list, or a stream, only if every use of it can take that.
  void use(std::uint16_t slot, std::uint8_t allowed) {
    if (slot >= plan_.slots.size()) plan_.slots.resize(slot + 1, 0xff);
    plan_.slots[slot] &= allowed;
    if (uses_.size() < plan_.slots.size()) uses_.resize(plan_.slots.size(), 0);
    // What is used often could unfold to much: the long way round counts.
    if (++uses_[slot] > 16) plan_.direct = false;
  }

  std::vector<Part> parts_of(std::uint32_t first) {
    std::vector<Part> parts;
    for (std::uint32_t i = first; i != 0; i = plan_.tree[i].next) {
      const Node& node = plan_.tree[i];
      Part part;
      switch (node.kind) {
        case NodeKind::slot:
          part.is_slot = true, part.slot = node.number;
          break;
        case NodeKind::text:
          part.type = render(value_type::kText, node.bytes, part.text);
          break;
        case NodeKind::character:
          text::append_code_point(part.text, node.number);
          break;
        case NodeKind::value:
          part.type = render(node.type, node.bytes, part.text);
          break;
        default:
          continue;
      }
      if (!part.is_slot && part.text.empty()) continue;
      if (!part.is_slot && !parts.empty() && !parts.back().is_slot) {
        parts.back().text += part.text;
        parts.back().type = event::ValueType::text;
      } else {
        parts.push_back(std::move(part));
      }
    }
    return parts;
  }

  void find_system_fields() {
    const struct {
      std::string_view name;
      int& index;
    } wanted[] = {
        {"System.Channel", plan_.system.channel},        {"System.Provider_Name", plan_.system.provider},
        {"System.EventID", plan_.system.event_id},       {"System.Version", plan_.system.version},
        {"System.Computer", plan_.system.computer},      {"System.TimeCreated_SystemTime", plan_.system.time},
        {"System.EventRecordID", plan_.system.record_id}};
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      const FieldPlan& field = plan_.fields[i];
      for (const auto& [name, index] : wanted) {
        if (field.name != name) continue;
        if (index != -1 || field.parts.size() != 1) plan_.direct = false;
        index = static_cast<int>(i);
        // A list or a stream here: the long way round.
        if (field.is_slot()) plan_.slots[field.parts[0].slot] = Plan::plain;
      }
    }
  }

  void count_cells() {
    std::size_t cells = plan_.slots.size();
    for (const FieldPlan& field : plan_.fields) {
      for (const std::uint16_t slot : field.dependencies) cells = std::max<std::size_t>(cells, slot + 1);
    }
    plan_.cells = static_cast<std::uint32_t>(std::min(cells, limits::kEvtxSubstitutions));
  }

  Plan& plan_;
  Place::Kind place_;
  std::vector<std::uint16_t> dependencies_;
  std::vector<std::uint32_t> uses_;
  std::size_t embedding_slots_ = 0;
};

/// All that a tree says, in a row; two trees are equal if these bytes are.
void append_key(std::string& key, const Tree& tree) {
  struct Flat {
    std::uint32_t next, first, attributes, size;
    std::uint16_t number;
    std::uint8_t kind, type;
  };
  key.append(reinterpret_cast<const char*>(&tree.first), sizeof tree.first);
  for (const Node& node : tree.nodes) {
    const Flat flat{node.next,       node.first,
                    node.attributes, static_cast<std::uint32_t>(node.bytes.size()),
                    node.number,     static_cast<std::uint8_t>(node.kind),
                    node.type};
    key.append(reinterpret_cast<const char*>(&flat), sizeof flat);
    key += as_text(node.bytes);
  }
}

/// In the first byte of a key: the tree is that of a stream without a template.
constexpr int kOfStream = 0x80;

/// Turns the values in a stream's elements and attributes into slots. The names that attributes give to
/// <Data> stay: fields are named by them. False if a slot could not stand for what is there.
bool take_literals(Tree& tree, std::vector<RawValue>& literals) {
  constexpr std::string_view kName("N\0a\0m\0e\0", 8);
  for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
    Node& owner = tree.nodes[i];
    if (owner.kind == NodeKind::value) continue;  // looked at with its owner
    if (owner.kind == NodeKind::attribute && as_text(owner.bytes) == kName) continue;
    if (owner.kind == NodeKind::slot) continue;  // was a value just now
    if (owner.kind != NodeKind::element && owner.kind != NodeKind::attribute) return false;
    if (owner.first == 0) continue;
    Node& content = tree.nodes[owner.first];
    if (content.kind == NodeKind::value) {
      if (content.next != 0 || content.type == value_type::kBinXml) return false;
      if (literals.size() >= limits::kEvtxSubstitutions || content.bytes.size() > 0xffff) return false;
      literals.push_back(
          {content.bytes.data(), static_cast<std::uint32_t>(content.bytes.size()), content.type});
      content = {.kind = NodeKind::slot, .number = static_cast<std::uint16_t>(literals.size() - 1)};
      continue;
    }
    for (std::uint32_t part = owner.first; part != 0; part = tree[part].next) {
      if (tree[part].kind != NodeKind::element) return false;
    }
  }
  return true;
}

/// A copy that stands on its own.
void own_tree(const Tree& tree, Plan& plan) {
  plan.tree = tree;
  std::size_t size = 0;
  for (const Node& node : tree.nodes) size += node.bytes.size();
  plan.storage.reserve(size);
  for (Node& node : plan.tree.nodes) {
    const std::size_t at = plan.storage.size();
    plan.storage.insert(plan.storage.end(), node.bytes.begin(), node.bytes.end());
    node.bytes = Bytes(plan.storage).subspan(at, node.bytes.size());
  }
  plan.bytes = size + tree.nodes.size() * (2 * sizeof(Node) + sizeof(FieldPlan));
}

}  // namespace

Plan::Plan() = default;
Plan::~Plan() = default;

void PlanCache::begin_chunk() {
  if (++chunk_ == 0) {
    known_.assign(known_.size(), {});
    patterns_used_ = next_pattern_ = pattern_ = 0;
    chunk_ = 1;
  }
  chunk_definitions_ = 0;
  chunk_bytes_ = 0;
  recent_.fill({});
}

bool PlanCache::trim() {
  if (std::max(plans_.size(), images_.size()) <= limits::kEvtxPlans && bytes_ <= limits::kEvtxPlanBytes) {
    return false;
  }
  images_.clear();
  plans_.clear();
  stream_plans_ = 0;
  bytes_ = 0;
  patterns_used_ = next_pattern_ = pattern_ = 0;
  begin_chunk();
  return true;
}

Parsed<Plan*> PlanCache::find_plan(Bytes chunk, std::uint32_t offset, std::uint32_t template_id,
                                   Place::Kind place) {
  const std::size_t mask = known_.size() - 1;
  std::size_t slot = (offset * 0x9E3779B1u >> 7) & mask;
  while (known_[slot].chunk == chunk_) {
    const Known& known = known_[slot];
    if (known.offset == offset && known.template_id == template_id && known.place == place) {
      if (known.reason != nullptr) return std::unexpected(known.reason);
      recent_[recent_index(offset)] = known;
      return known.plan;
    }
    slot = (slot + 1) & mask;
  }
  if (++chunk_definitions_ > limits::kEvtxChunkDefinitions) return std::unexpected(kTooManyTemplates);
  const auto made = find_or_compile(chunk, offset, template_id, place);
  known_[slot] = {chunk_, offset, template_id, place, made ? *made : nullptr, made ? nullptr : made.error()};
  return made;
}

Parsed<Plan*> PlanCache::find_or_compile(Bytes chunk, std::uint32_t offset, std::uint32_t template_id,
                                         Place::Kind place) {
  constexpr Reason kMissing = "its template is not in this chunk";
  if (offset < kChunkHeaderBytes || offset > chunk.size() || chunk.size() - offset < kDefinitionHeaderBytes) {
    return std::unexpected(kMissing);
  }
  if (load<std::uint32_t>(chunk.data() + offset + 4) != template_id) return std::unexpected(kMissing);
  const std::size_t size = load<std::uint32_t>(chunk.data() + offset + 20);
  const std::size_t begin = offset + kDefinitionHeaderBytes;
  if (size > chunk.size() - begin) return std::unexpected(kMissing);
  chunk_bytes_ += size;
  if (chunk_bytes_ > limits::kEvtxChunkDefinitionBytes) return std::unexpected(kTooManyTemplates);
  const std::byte* guid = chunk.data() + offset + 4;
  std::vector<Image>& images =
      images_[hash_combine(hash_combine(load<std::uint64_t>(guid), load<std::uint64_t>(guid + 8)), size)];
  for (const Image& image : images) {
    if (image.place == place && image.stands_at(chunk, begin, size)) return image.plan;
  }
  const auto made = compile(chunk, begin, size, place);
  if (made) keep_image(images, chunk.subspan(begin, size), place, *made);
  return made;
}

Parsed<Plan*> PlanCache::compile(Bytes chunk, std::size_t begin, std::size_t size, Place::Kind place) {
  if (const auto parsed =
          parse_stream(chunk, begin, begin + size, StreamKind::definition, scratch_, &notes_, hashes_);
      !parsed) {
    return std::unexpected(parsed.error());
  }
  if (ansi_ != nullptr && ansi_->converts()) ansi_->convert(scratch_);
  key_.assign(1, static_cast<char>(place));
  append_key(key_, scratch_);
  if (const auto found = plans_.find(std::string_view(key_)); found != plans_.end())
    return found->second.get();
  return add_plan(place);
}

/// The plan of the tree and the key that were just made.
Plan* PlanCache::add_plan(Place::Kind place) {
  auto plan = std::make_unique<Plan>();
  own_tree(scratch_, *plan);
  PlanMaker(*plan, place).run();
  bytes_ += plan->bytes + key_.size();
  return plans_.emplace(key_, std::move(plan)).first->second.get();
}

Plan* PlanCache::plan_of_stream(Bytes chunk, std::size_t begin, std::size_t end, Place::Kind place,
                                std::vector<RawValue>& literals) {
  if (ansi_ != nullptr && ansi_->converts()) return nullptr;
  for (std::size_t i = 0; i < patterns_used_; ++i) {
    const std::size_t index = (pattern_ + i) % patterns_used_;
    StreamPattern& pattern = patterns_[index];
    if (pattern.place() != place || !pattern.match(chunk, chunk_, begin, end, literals)) continue;
    pattern_ = index;
    return pattern.plan();
  }
  Plan* plan = parse_and_plan(chunk, begin, end, place, literals);
  if (plan == nullptr) return nullptr;
  StreamPattern& pattern = patterns_[next_pattern_];
  if (pattern.learn(chunk, chunk_, begin, notes_, literals, place, plan)) {
    pattern_ = next_pattern_;
    patterns_used_ = std::max(patterns_used_, next_pattern_ + 1);
    next_pattern_ = (next_pattern_ + 1) % patterns_.size();
  }
  return plan;
}

Plan* PlanCache::parse_and_plan(Bytes chunk, std::size_t begin, std::size_t end, Place::Kind place,
                                std::vector<RawValue>& literals) {
  literals.clear();
  if (!parse_stream(chunk, begin, end, StreamKind::record, scratch_, &notes_, hashes_)) return nullptr;
  if (!take_literals(scratch_, literals)) return nullptr;
  key_.assign(1, static_cast<char>(place | kOfStream));
  append_key(key_, scratch_);
  if (const auto found = plans_.find(std::string_view(key_)); found != plans_.end())
    return found->second.get();
  if (stream_plans_ >= limits::kEvtxStreamPlans) return nullptr;
  ++stream_plans_;
  return add_plan(place);
}

void PlanCache::keep_image(std::vector<Image>& images, Bytes stream, Place::Kind place, Plan* plan) {
  if (images.size() >= limits::kEvtxDefinitionImages) return;
  Image& image = images.emplace_back();
  image.place = place;
  image.plan = plan;
  image.bytes.assign(stream.begin(), stream.end());
  image.names = notes_.names;
  std::size_t size = 0;
  for (const NameUse& name : notes_.names) size += name.size_and_text.size();
  image.name_text.reserve(size);
  for (NameUse& name : image.names) {
    const std::size_t at = image.name_text.size();
    image.name_text.insert(image.name_text.end(), name.size_and_text.begin(), name.size_and_text.end());
    name.size_and_text = Bytes(image.name_text).subspan(at);
  }
  bytes_ += image.bytes.size() + size + image.names.size() * sizeof(NameUse);
}

bool PlanCache::Image::stands_at(Bytes chunk, std::size_t begin, std::size_t size) const {
  if (size != bytes.size()) return false;
  const std::byte* stream = chunk.data() + begin;
  std::size_t at = 0;
  for (const NameUse& name : names) {
    if (std::memcmp(stream + at, bytes.data() + at, name.at - at) != 0) return false;
    const std::size_t offset = load<std::uint32_t>(stream + name.at);
    at = name.at + 4;
    if ((offset == begin + at) != name.here) return false;
    if (name.here) {
      at += 4;  // which name has the same hash in this chunk
      continue;
    }
    const auto found = name_at(chunk, offset);
    if (!found || found->size() != name.size_and_text.size() ||
        !same_bytes(found->data(), name.size_and_text.data(), found->size())) {
      return false;
    }
  }
  return std::memcmp(stream + at, bytes.data() + at, size - at) == 0;
}

}  // namespace landwarden::decode::evtx
