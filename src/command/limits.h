// Limits that this room alone knows, each with its reason; the others are in base/limits.h.

#pragma once

#include <cstddef>

namespace landwarden::limits {

/// One line or script that is read for its meaning, and one text decoded from it. Windows' own bound of a
/// command line is 32,767 characters; scripts of more than 256 KiB are modules, not commands.
inline constexpr std::size_t kCommandBytes = 256 << 10;
/// Numbers that PowerShell's `1..n` is written out to: a text that is turned round takes one for each
/// character. The 65,536 zeros that most reverse shells make room with say nothing.
inline constexpr std::size_t kCommandRange = 8 << 10;
/// All texts that one analysis makes.
inline constexpr std::size_t kCommandTextBytes = 4 << 20;
/// Layers inside each other: attackers nest four or five; each costs stack.
inline constexpr std::size_t kCommandDepth = 16;
/// Layers, and commands, of one line.
inline constexpr std::size_t kCommandLayers = 64;
inline constexpr std::size_t kCommandCommands = 1024;
/// Variables that one script sets; obfuscators use one a character.
inline constexpr std::size_t kCommandVariables = 512;
/// Meanings of lines that one worker remembers, and their bytes; then it begins anew.
inline constexpr std::size_t kCommandMemo = 1 << 16;
inline constexpr std::size_t kCommandMemoBytes = 32 << 20;

}  // namespace landwarden::limits
