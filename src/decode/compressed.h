// Decompresses gzip (RFC 1952, several members one behind the other) and Zstandard (RFC 8878) streams,
// checksums tested.
//
// What came before damage is given; then the error. Bytes behind the last member that are no member are left
// alone and counted in a note.

#pragma once

#include <memory>

#include "decode/stream.h"

namespace landwarden::decode {

/// `inner` must outlive the stream.
[[nodiscard]] std::unique_ptr<ByteStream> gunzip(ByteStream& inner);
[[nodiscard]] std::unique_ptr<ByteStream> unzstd(ByteStream& inner);

}  // namespace landwarden::decode
