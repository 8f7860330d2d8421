// Instances of a template known again by how their values are described. Most have the sizes and types of one
// that came before, but for the size of the stream that is embedded last: then where values stand needs no
// sums, no value has to be asked of what kind it is, and what decides about the record's shape is one number,
// once its long values (channel, provider) are the same. One worker.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/evtx/cell.h"

namespace landwarden::decode::evtx {

struct ShapePlan;

class SeenInstance {
 public:
  /// Learns from an instance whose last value, and no other, is of a special type: an embedded stream.
  /// `descriptors` as they stand in the record, `cells` what they say of the values at `values`. `watched`:
  /// slots that decide about the shape. False if it is none that could be known again.
  bool learn(const std::byte* descriptors, std::span<const Cell> cells, const std::byte* values,
             std::span<const std::uint16_t> watched);

  /// Whether `count` descriptors say the same of the values that stand at `values`, with `room` bytes for
  /// them, and the long ones that are watched are the same. Then writes their cells, three more at most; the
  /// first stands at `at`.
  [[nodiscard]] bool take(const std::byte* descriptors, std::uint32_t count, const std::byte* values,
                          std::size_t room, std::uint32_t at, Cell* out) const;

  /// What the short watched values are of an instance that was taken; those with the same have the same
  /// shape.
  [[nodiscard]] std::uint64_t key(const std::byte* values) const {
    std::uint64_t key = 0;
    for (std::uint32_t i = 0; i < watched_count_; ++i)
      key |= (load<std::uint64_t>(values + watched_[i].at) & watched_[i].mask) << watched_[i].shift;
    return key;
  }
  /// The shape that was noted for a key; null: none.
  [[nodiscard]] ShapePlan* shape(std::uint64_t key) const {
    const Shape& known = shapes_[place_of(key)];
    return known.key == key ? known.shape : nullptr;
  }
  void note(std::uint64_t key, ShapePlan* shape) { shapes_[place_of(key)] = {key, shape}; }

 private:
  struct Watched {
    std::uint32_t at = 0, shift = 0;
    std::uint64_t mask = 0;
  };
  struct Shape {
    std::uint64_t key = 0;
    ShapePlan* shape = nullptr;
  };
  static constexpr std::size_t kBits = 5;
  static std::size_t place_of(std::uint64_t key) { return key * 0x9E3779B97F4A7C15ULL >> (64 - kBits); }

  std::vector<std::byte> descriptors_;  ///< but the last
  std::vector<Cell> cells_;             ///< places count from the first value; a multiple of four
  std::uint32_t count_ = 0;             ///< 0: nothing is known
  /// Of the values, from the first that is watched and long to the last.
  std::vector<std::byte> fixed_;
  std::uint32_t fixed_at_ = 0;
  std::array<Watched, 4> watched_;
  std::uint32_t watched_count_ = 0;
  std::array<Shape, std::size_t{1} << kBits> shapes_;
};

}  // namespace landwarden::decode::evtx
