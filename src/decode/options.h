// What the user says about how evidence is to be read. Plain values; handed from the command to whoever reads
// and decodes.

#pragma once

namespace landwarden::decode {

struct DecodeOptions {
  /// Windows code page of ANSI text in event logs: that of the machine that wrote them
  /// (decode/evtx/ansi.h).
  unsigned ansi_codepage = 1252;
  /// Look for event records where none is live, too: behind the live end of chunks, and in files of no known
  /// format. What is found is marked (event::RowMeta::carved, field lw.carved).
  bool carve = false;
};

}  // namespace landwarden::decode
