#include "engine/receipt_book.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace landwarden::engine {
namespace {

TEST(ReceiptBook, AddsTheReadersAndTheWorkersParts) {
  ReceiptBook book;
  const auto b = book.begin("b.evtx"), a = book.begin("a.evtx");
  EXPECT_EQ(book.name(b), "b.evtx");
  book.expect_part(b);
  book.expect_part(b);
  event::Receipt part;
  part.records_seen = part.records_decoded = 5;
  EXPECT_FALSE(book.add(b, part));
  event::Receipt reader;
  reader.kind = "evtx";
  reader.bytes = 4096;
  EXPECT_FALSE(book.end(b, reader));
  EXPECT_TRUE(book.add(b, part));
  event::Receipt other;
  other.not_evidence = true;
  EXPECT_TRUE(book.end(a, other));
  const auto receipts = book.take();
  ASSERT_EQ(receipts.size(), 2U);
  EXPECT_EQ(receipts[0].source, "a.evtx");
  EXPECT_TRUE(receipts[0].not_evidence);
  EXPECT_EQ(receipts[1].source, "b.evtx");
  EXPECT_EQ(receipts[1].kind, "evtx");
  EXPECT_EQ(receipts[1].bytes, 4096U);
  EXPECT_EQ(receipts[1].records_seen, 10U);
}

TEST(ReceiptBook, SaysOnceThatASourceWasNotReadToItsEnd) {
  ReceiptBook book;
  const auto source = book.begin("a.evtx"), ended = book.begin("b.evtx");
  (void)book.end(ended, {});
  book.interrupted(source);
  book.interrupted(source);
  book.interrupt_open();
  const auto receipts = book.take();
  ASSERT_EQ(receipts[0].errors.size(), 1U);
  EXPECT_EQ(receipts[0].errors[0].code, ErrorCode::interrupted);
  EXPECT_TRUE(receipts[1].errors.empty());
}

TEST(ReceiptBook, KeepsTheFirstErrorsAndCountsTheRest) {
  ReceiptBook book;
  const auto source = book.begin("a.evtx");
  for (int i = 0; i < 100; ++i) {
    event::Receipt part;
    part.errors.push_back({ErrorCode::damaged, fmt::format("error {}", i), {}, {}});
    part.notes.push_back(fmt::format("note {:03}", i));
    book.expect_part(source);
    (void)book.add(source, part);
  }
  const auto receipts = book.take();
  ASSERT_EQ(receipts[0].errors.size(), limits::kReceiptErrors);
  EXPECT_EQ(receipts[0].errors.front().message, "error 0");
  ASSERT_EQ(receipts[0].notes.size(), limits::kReceiptNotes + 2);
  EXPECT_EQ(receipts[0].notes[limits::kReceiptNotes], "80 more errors");
  EXPECT_EQ(receipts[0].notes[limits::kReceiptNotes + 1], "50 more remarks");
}

}  // namespace
}  // namespace landwarden::engine
