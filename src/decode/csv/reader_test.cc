#include "decode/csv/reader.h"

#include <gtest/gtest.h>

#include "decode/decoded_rows.h"

namespace landwarden::decode::csv {
namespace {

const std::string kNames = "Channel,EventID,Computer,TimeCreated,CommandLine\r\n";

TEST(Csv, GivesFieldsUnderTheNamesOfItsFirstRow) {
  const DecodedRows decoded =
      decode_rows("\xEF\xBB\xBF" + kNames +
                  "Security,4688,PC1,2026-03-02T07:15:00Z,\"cmd /c \"\"a, b\"\"\nnext\"\r\n"
                  "Security,4688,PC1,2026-03-02T07:15:01Z,\r\n");
  ASSERT_EQ(decoded.rows.size(), 2U);
  EXPECT_EQ(decoded.rows[0].shape.channel, "Security");
  EXPECT_EQ(decoded.rows[0].shape.event_id, 4688U);
  EXPECT_EQ(decoded.rows[0].host, "PC1");
  EXPECT_EQ(decoded.rows[0].time, "2026-03-02T07:15:00.0000000Z");
  EXPECT_EQ(decoded.rows[0].field("CommandLine"), "cmd /c \"a, b\"\nnext");
  EXPECT_EQ(decoded.rows[1].field("CommandLine"), "(absent)");
  EXPECT_EQ(decoded.receipt.kind, "csv (flat windows event)");
}

TEST(Csv, MayBeSeparatedBySemicolonsAndTabs) {
  for (const char separator : {';', '\t'}) {
    std::string text = kNames + "Security,4688,PC1,2026-03-02T07:15:00Z,a\n";
    std::replace(text.begin(), text.end(), ',', separator);
    const DecodedRows decoded = decode_rows(text);
    ASSERT_EQ(decoded.rows.size(), 1U);
    EXPECT_EQ(decoded.rows[0].field("CommandLine"), "a");
  }
}

TEST(Csv, QuarantinesRowsOfAnotherWidth) {
  const DecodedRows decoded =
      decode_rows(kNames + "Security,1,PC1,t,a\nSecurity,1\nSecurity,1,PC1,t,a,b\n\nSecurity,1,PC1,t,a,\n");
  EXPECT_EQ(decoded.receipt.records_seen, 4U);
  EXPECT_EQ(decoded.receipt.records_decoded, 2U);
  ASSERT_EQ(decoded.receipt.quarantined.size(), 2U);
  EXPECT_EQ(decoded.receipt.quarantined[0].reason, "line 3: the row has fewer values than there are names");
  EXPECT_EQ(decoded.receipt.quarantined[1].reason, "line 4: the row has more values than there are names");
}

TEST(Csv, LosesOnlyTheRowWhoseQuoteIsNotClosed) {
  const DecodedRows decoded =
      decode_rows(kNames + "Security,1,PC1,t,a\nSecurity,1,PC1,t,\"open\nSecurity,1,PC1,t,b\n");
  EXPECT_EQ(decoded.receipt.records_decoded, 2U);
  ASSERT_EQ(decoded.receipt.quarantined.size(), 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].reason, "line 3: a quoted value is not closed");
}

TEST(Csv, IsTheSameAtEveryChunkSize) {
  std::string text = kNames;
  for (int i = 0; i < 50; ++i)
    text += "Security,4688,PC1,2026-03-02T07:15:00Z,\"" + std::to_string(i) + " \"\"q\"\"\r\n, more\"\r\n";
  const DecodedRows whole = decode_rows(text);
  ASSERT_EQ(whole.rows.size(), 50U);
  for (const std::size_t step : {1U, 13U, 1000U}) EXPECT_EQ(decode_rows(text, step).rows, whole.rows) << step;
}

TEST(Csv, OfOtherThingsIsListedAndNotRead) {
  const DecodedRows table = decode_rows("name,size,owner\na,1,ann\nb,2,bob\n");
  EXPECT_TRUE(table.receipt.not_evidence);
  EXPECT_EQ(table.receipt.notes.at(0), "CSV whose columns are those of no Windows events known here");
  EXPECT_EQ(decode_rows("Dear reader,\nthis is text.\n").receipt.notes.at(0), "text");
}

}  // namespace
}  // namespace landwarden::decode::csv
