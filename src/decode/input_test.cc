#include "decode/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/limits.h"
#include "decode/recording_sink.h"
#include "decode/sniff.h"
#include "decode/stream.h"

namespace landwarden::decode {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

/// A folder of the test's own.
class InputTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "lw_input_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  RecordingSink read(const std::vector<std::string>& paths) {
    RecordingSink sink;
    BufferPool pool;
    read_evidence(paths, pool, sink);
    for (const auto& source : sink.sources) EXPECT_TRUE(source.ended) << source.name;
    return sink;
  }
  RecordingSink read_one(const std::string& bytes, std::size_t step = 0) {
    RecordingSink sink;
    BufferPool pool;
    MemoryStream stream(bytes, step);
    read_bytes("input", stream, pool, sink);
    return sink;
  }

  fs::path folder_;
};

std::string evtx_like(std::size_t chunks, bool header = true) {
  std::string bytes;
  if (header) {
    bytes = "ElfFile\0"s;
    bytes.resize(4096);
  }
  for (std::size_t i = 0; i < chunks; ++i) {
    std::string chunk = "ElfChnk\0"s;
    chunk.resize(65536, static_cast<char>('a' + i % 26));
    bytes += chunk;
  }
  return bytes;
}

std::string gzip(const std::string& bytes) {
  z_stream state = {};
  deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, bytes.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<uInt>(bytes.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

enum class Pack { zip, tar, seven_zip, encrypted_zip };

std::string pack(Pack kind, const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out(4 << 20, '\0');
  std::size_t used = 0;
  const locale_t utf8 =
      newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);  // libarchive converts names from the locale's
  const locale_t before = uselocale(utf8);
  archive* writer = archive_write_new();
  switch (kind) {
    case Pack::tar:
      archive_write_set_format_ustar(writer);
      break;
    case Pack::seven_zip:
      archive_write_set_format_7zip(writer);
      break;
    case Pack::zip:
      archive_write_set_format_zip(writer);
      break;
    case Pack::encrypted_zip:
      archive_write_set_format_zip(writer);
      EXPECT_EQ(archive_write_set_options(writer, "zip:encryption=aes256"), ARCHIVE_OK);
      EXPECT_EQ(archive_write_set_passphrase(writer, "open sesame"), ARCHIVE_OK);
      break;
  }
  EXPECT_EQ(archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
  for (const auto& [name, bytes] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK) << archive_error_string(writer);
    archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  uselocale(before);
  freelocale(utf8);
  out.resize(used);
  return out;
}

const std::string kLines = "{\"a\":1}\n{\"a\":2}\n";

TEST_F(InputTest, ReadsFoldersRecursivelyInByteOrderOfNames) {
  write("logs/b.json", kLines);
  write("logs/B.json", kLines);
  write("logs/a/z.json", kLines);
  write("logs/a.json", kLines);
  const auto sink = read({path("logs")});
  std::vector<std::string> names;
  for (const auto& source : sink.sources) names.push_back(source.name.substr(path("").size()));
  EXPECT_EQ(names, (std::vector<std::string>{"logs/B.json", "logs/a/z.json", "logs/a.json", "logs/b.json"}));
  EXPECT_EQ(sink.expected, 4 * kLines.size());
  EXPECT_EQ(sink.sources[0].receipt.kind, "json");
  EXPECT_EQ(sink.sources[0].receipt.bytes, kLines.size());
}

TEST_F(InputTest, ReadsAFileOnceUnderItsSmallestName) {
  write("x/b.json", kLines);
  fs::create_hard_link(path("x/b.json"), path("x/a.json"));
  fs::create_symlink(path("x/b.json"), path("x/c.json"));
  for (const auto& paths :
       {std::vector{path("x")}, std::vector{path("x/c.json"), path("x/b.json"), path("x/a.json")}}) {
    const auto sink = read(paths);
    ASSERT_EQ(sink.sources.size(), 3U);
    EXPECT_EQ(sink.find(path("x/a.json"))->bytes(), kLines);
    for (const char* other : {"x/b.json", "x/c.json"}) {
      EXPECT_TRUE(sink.find(path(other))->units.empty());
      EXPECT_EQ(sink.find(path(other))->receipt.notes.at(0),
                "same file as " + path("x/a.json") + ", read once");
    }
  }
}

TEST_F(InputTest, FollowsLinksToFilesButNotToFoldersAndSurvivesCircles) {
  write("x/real/a.json", kLines);
  write("y.json", kLines);
  fs::create_directory_symlink(path("x"), path("x/real/up"));
  fs::create_symlink("loop", path("x/loop"));
  fs::create_symlink("nowhere", path("x/dangling"));
  fs::create_symlink(path("y.json"), path("x/link.json"));
  fs::create_directory_symlink(path("x"), path("named"));
  const auto sink = read({path("named")});
  EXPECT_EQ(sink.find(path("named/real/a.json"))->bytes(), kLines);
  EXPECT_EQ(sink.find(path("named/link.json"))->bytes(), kLines);
  EXPECT_EQ(sink.find(path("named/real/up"))->receipt.notes.at(0), "symbolic link to a folder, not followed");
  EXPECT_EQ(sink.find(path("named/loop"))->receipt.notes.at(0), "symbolic link in a circle");
  EXPECT_EQ(sink.find(path("named/dangling"))->receipt.notes.at(0), "symbolic link to nothing");
  for (const auto& source : sink.sources) EXPECT_TRUE(source.receipt.errors.empty());
}

TEST_F(InputTest, ListsSpecialFilesWithoutOpeningThem) {
  fs::create_directories(path("x"));
  ASSERT_EQ(mkfifo(path("x/pipe").c_str(), 0600), 0);
  const auto sink = read({path("x")});
  EXPECT_TRUE(sink.find(path("x/pipe"))->receipt.not_evidence);
  EXPECT_EQ(sink.find(path("x/pipe"))->receipt.notes.at(0), "named pipe");
}

TEST_F(InputTest, ReadsANamedPipeThatIsAskedFor) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path("pipe")) << kLines; });
  const auto sink = read({path("pipe")});
  writer.join();
  EXPECT_EQ(sink.sources.at(0).bytes(), kLines);
}

TEST_F(InputTest, SaysWhatIsMissingOrUnreadableAndReadsTheRest) {
  write("good.json", kLines);
  write("secret/evidence.json", kLines);
  write("locked.json", kLines);
  fs::permissions(path("locked.json"), fs::perms::none);
  fs::permissions(path("secret"), fs::perms::none);
  const auto sink = read({path("missing.evtx"), path("locked.json"), path("secret"), path("good.json")});
  fs::permissions(path("secret"), fs::perms::owner_all);
  const auto& error = sink.find(path("missing.evtx"))->receipt.errors.at(0);
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_EQ(error.to_string(),
            path("missing.evtx") + ": cannot be read: No such file or directory (check the path)");
  EXPECT_EQ(sink.find(path("good.json"))->bytes(), kLines);
  if (geteuid() == 0) return;  // root reads everything
  EXPECT_EQ(sink.find(path("locked.json"))->receipt.errors.at(0).code, ErrorCode::io);
  EXPECT_EQ(sink.find(path("secret"))->receipt.errors.at(0).code, ErrorCode::io);
}

TEST_F(InputTest, SaysWhatIsNotEvidence) {
  write("x/empty.evtx", "");
  write("x/program.evtx", "MZ\x90" + std::string(100, '\0'));
  write("x/readme.json", "Dear reader,\nthis is not JSON.\n");
  write("x/settings.json", "[section]\nkey=value\n");
  write("x/page", "<?xml version=\"1.0\"?><a/>");
  write("x/zeros", std::string(10000, '\0'));
  write("x/timeline.jsonl",
        R"({"time":"2026-03-04T07:14:11.1234567Z","level":"high","title":"x","rule_id":"y"})");
  write("x/timeline.json", "[\n{\"time\":null,\"level\":\"\",\"title\":\"x\"}\n]\n");
  write("x/timeline.csv", "time,level,title,rule_id,tags,host\r\n");
  write("x/noise", "\x01\x02\x03\x04\x05");
  const auto sink = read({path("x")});
  const std::map<std::string, std::string> expected = {{"x/empty.evtx", "empty file"},
                                                       {"x/program.evtx", "Windows program"},
                                                       {"x/readme.json", "text"},
                                                       {"x/settings.json", "text"},
                                                       {"x/page", "XML"},
                                                       {"x/zeros", "nothing but zeros at its front"},
                                                       {"x/timeline.jsonl", std::string(kTimelineName)},
                                                       {"x/timeline.json", std::string(kTimelineName)},
                                                       {"x/timeline.csv", std::string(kTimelineName)},
                                                       {"x/noise", "unknown binary data"}};
  for (const auto& [name, what] : expected) {
    const auto* source = sink.find(path(name));
    ASSERT_NE(source, nullptr) << name;
    EXPECT_TRUE(source->receipt.not_evidence) << name;
    EXPECT_TRUE(source->units.empty()) << name;
    EXPECT_EQ(source->receipt.notes.at(0), what) << name;
  }
}

TEST_F(InputTest, TakesNoEventsForATimelineThatOnlyBeginLikeOne) {
  for (const char* line : {R"({"time":"2026-03-04T07:14:11.1234567Z","level":"Information"})",
                           R"({"time":"2026-03-04T07:14:11Z","level":"high","title":"x"})",
                           R"({"time":"2026-03-04T07:14:11.1234567Z","level":"high"})", R"({"time":null})"}) {
    for (const std::size_t step : {0, 1}) {
      const auto sink = read_one(line, step);
      EXPECT_EQ(sink.sources.at(0).bytes(), line);
    }
  }
}

TEST_F(InputTest, CutsEvtxIntoRunsOfChunks) {
  const std::string bytes = evtx_like(37) + "tail";
  const auto sink = read_one(bytes);
  const auto& units = sink.sources.at(0).units;
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(units[0].bytes.size(), 4096U + 16 * 65536);
  EXPECT_EQ(units[1].bytes.size(), 16U * 65536);
  EXPECT_EQ(units[1].offset, units[0].bytes.size());
  EXPECT_EQ(units[2].bytes.size(), 5U * 65536 + 4);
  EXPECT_EQ(sink.sources[0].bytes(), bytes);
  EXPECT_EQ(sink.sources[0].receipt.bytes, bytes.size());
  EXPECT_EQ(sink.sources[0].receipt.kind, "evtx");
}

TEST_F(InputTest, ReadsEvtxWhoseHeaderIsDestroyedOrMissing) {
  std::string destroyed = evtx_like(17);
  std::memset(destroyed.data(), 0xAA, 200);
  const auto no_magic = read_one(destroyed);
  EXPECT_EQ(no_magic.sources.at(0).bytes(), destroyed);
  EXPECT_EQ(no_magic.sources.at(0).units.at(0).bytes.size(), 4096U + 16 * 65536);
  EXPECT_EQ(no_magic.sources.at(0).receipt.notes.at(0),
            "the file header is destroyed; chunks were found at their place");
  const auto chunks = read_one(evtx_like(17, false));
  EXPECT_EQ(chunks.sources.at(0).units.at(0).bytes.size(), 16U * 65536);
  EXPECT_EQ(chunks.sources.at(0).receipt.kind, "evtx");
}

/// A file header that promises this many chunks, and declares that it has no checksum.
std::string evtx_header(unsigned chunks) {
  std::string bytes = "ElfFile\0"s;
  bytes.resize(4096);
  bytes[42] = static_cast<char>(chunks);
  bytes[120] = 4;
  return bytes;
}

TEST_F(InputTest, SaysThatALogEndsBeforeItsHeaderSays) {
  EXPECT_TRUE(read_one(evtx_header(3) + evtx_like(3, false)).sources.at(0).receipt.errors.empty());
  EXPECT_TRUE(read_one(evtx_header(3) + evtx_like(5, false)).sources.at(0).receipt.errors.empty());
  for (const std::string& cut : {evtx_header(3) + evtx_like(2, false), evtx_header(1),
                                 (evtx_header(3) + evtx_like(3, false)).substr(0, 4096 + 3 * 65536 - 1)}) {
    const auto sink = read_one(cut);
    ASSERT_EQ(sink.sources.at(0).receipt.errors.size(), 1U);
    EXPECT_NE(sink.sources[0].receipt.errors[0].message.find("cut short"), std::string::npos);
    EXPECT_EQ(sink.sources[0].bytes(), cut);
  }
  const auto inside = read_one(evtx_header(3).substr(0, 100));
  ASSERT_EQ(inside.sources.at(0).receipt.errors.size(), 1U);
  EXPECT_EQ(inside.sources[0].receipt.errors[0].message, "the log ends inside its file header");
}

TEST_F(InputTest, DoesNotBelieveAHeaderOfWrongChecksumAboutChunks) {
  std::string bytes = evtx_header(3);
  bytes[120] = 0;
  EXPECT_TRUE(read_one(bytes + evtx_like(2, false)).sources.at(0).receipt.errors.empty());
}

TEST_F(InputTest, FindsTheHeadersOfLogsPutOneBehindTheOther) {
  const std::string first = evtx_header(19) + evtx_like(19, false),
                    second = evtx_header(2) + evtx_like(2, false);
  for (const std::size_t step : {std::size_t{0}, std::size_t{70000}, std::size_t{4097}}) {
    RecordingSink sink;
    BufferPool pool;
    const std::string bytes = first + second + first;
    MemoryStream stream(bytes, step);
    read_bytes("input", stream, pool, sink);
    EXPECT_EQ(sink.sources.at(0).bytes(), bytes);
    EXPECT_TRUE(sink.sources[0].receipt.errors.empty());
    for (const auto& unit : sink.sources[0].units) EXPECT_TRUE(unit.bytes.starts_with("Elf")) << unit.offset;
  }
  const auto cut = read_one(first.substr(0, 4096 + 18 * 65536) + second);
  ASSERT_EQ(cut.sources.at(0).receipt.errors.size(), 1U);
  EXPECT_EQ(cut.sources[0].receipt.errors[0].place.offset, 0U);
}

TEST_F(InputTest, SendsWholeChunksOfASlowStreamAsTheyCome) {
  const std::string bytes = evtx_like(3);
  const auto sink = read_one(bytes, 70000);
  EXPECT_EQ(sink.sources.at(0).bytes(), bytes);
  EXPECT_EQ(sink.sources.at(0).units.at(0).bytes.size(), 4096U + 65536);
}

TEST_F(InputTest, AnswersStandardInputAsItComes) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int before = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  // The second line is written only when the first has arrived: a reader that waits for more would never end.
  struct Sink final : InputSink {
    event::SourceId begin_source(const std::string& given) override {
      name = given;
      return {};
    }
    bool unit(WorkUnit unit) override {
      units.push_back(std::move(unit));
      if (units.size() == 1) {
        EXPECT_EQ(::write(pipe, "{\"a\":2}\n{\"a\"", 12), 12);
        close(pipe);
      }
      return true;
    }
    void end_source(event::SourceId, event::Receipt) override {}
    void expect_bytes(std::uint64_t) override {}
    int pipe = -1;
    std::string name;
    std::vector<WorkUnit> units;
  } sink;
  sink.pipe = ends[1];
  ASSERT_EQ(::write(ends[1], "{\"a\":1}\n", 8), 8);
  BufferPool pool;
  read_evidence({"-"}, pool, sink);
  dup2(before, STDIN_FILENO);
  close(before);
  EXPECT_EQ(sink.name, "-");
  ASSERT_GE(sink.units.size(), 2U);
  EXPECT_EQ(sink.units[0].bytes, "{\"a\":1}\n");
  EXPECT_EQ(sink.units[1].offset, 8U);
  EXPECT_EQ(sink.units[1].line, 2U);
}

TEST_F(InputTest, StopsWhenTheSinkHasEnough) {
  const std::string a = write("a.evtx", evtx_like(64));
  const std::string b = write("b.evtx", evtx_like(1));
  RecordingSink sink;
  sink.units_wanted = 2;
  BufferPool pool;
  read_evidence({a, b}, pool, sink);
  ASSERT_EQ(sink.sources.size(), 1U);
  EXPECT_EQ(sink.sources[0].units.size(), 2U);
  EXPECT_TRUE(sink.sources[0].ended);
}

TEST_F(InputTest, ReadsCompressedFilesUnderTheirOwnName) {
  for (const std::string& bytes :
       {gzip(kLines), zstd(kLines), gzip(gzip(kLines)), gzip(kLines.substr(0, 8)) + gzip(kLines.substr(8)),
        zstd(kLines.substr(0, 8)) + zstd(kLines.substr(8))}) {
    for (const std::size_t step : {0, 1, 5}) {
      const auto sink = read_one(bytes, step);
      ASSERT_EQ(sink.sources.size(), 1U);
      EXPECT_EQ(sink.sources[0].name, "input");
      EXPECT_EQ(sink.sources[0].bytes(), kLines);
      EXPECT_TRUE(sink.sources[0].receipt.errors.empty());
    }
  }
}

TEST_F(InputTest, KeepsWhatCameBeforeDamageInCompressedFiles) {
  std::string lines;
  for (int i = 0; i < 20000; ++i) lines += "{\"number\":" + std::to_string(i * 2654435761U % 1000003) + "}\n";
  for (const std::string& whole : {gzip(lines), zstd(lines)}) {
    const auto cut = read_one(whole.substr(0, whole.size() * 3 / 4));
    EXPECT_GT(cut.sources.at(0).bytes().size(), lines.size() / 2);
    EXPECT_TRUE(lines.starts_with(cut.sources.at(0).bytes()));
    ASSERT_EQ(cut.sources.at(0).receipt.errors.size(), 1U);
    EXPECT_EQ(cut.sources.at(0).receipt.errors[0].code, ErrorCode::damaged);
    EXPECT_FALSE(cut.sources.at(0).receipt.errors[0].hint.empty());
  }
  std::string flipped = gzip(lines);
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);  // in the checksum
  EXPECT_EQ(read_one(flipped).sources.at(0).receipt.errors.size(), 1U);
}

TEST_F(InputTest, NotesBytesBehindGzipData) {
  const auto sink = read_one(gzip(kLines) + "padding");
  EXPECT_EQ(sink.sources.at(0).bytes(), kLines);
  EXPECT_EQ(sink.sources.at(0).receipt.notes.at(0), "bytes behind the end of the gzip data were not read");
}

TEST_F(InputTest, NamesMembersOfArchives) {
  const std::vector<std::pair<std::string, std::string>> members = {
      {"Security.evtx", evtx_like(2)}, {"\xC3\xA4/notes.txt", "hello\n"}, {"events.json", kLines}};
  for (const Pack kind : {Pack::zip, Pack::tar, Pack::seven_zip}) {
    const std::string file = write("a.bin", pack(kind, members));
    const auto sink = read({file});
    ASSERT_EQ(sink.sources.size(), 3U) << static_cast<int>(kind);
    EXPECT_EQ(sink.find(file + "!/Security.evtx")->bytes(), members[0].second);
    EXPECT_EQ(sink.find(file + "!/events.json")->bytes(), kLines);
    EXPECT_TRUE(sink.find(file + "!/\xC3\xA4/notes.txt")->receipt.not_evidence);
  }
}

TEST_F(InputTest, ReadsArchivesInArchivesAlsoFromAPipe) {
  const std::string inner = pack(Pack::zip, {{"y.json", kLines}});
  const std::string seven = pack(Pack::seven_zip, {{"z.json", gzip(kLines)}});
  const std::string outer = gzip(pack(Pack::tar, {{"x.zip", inner}, {"x.7z", seven}}));
  for (const std::size_t step : {0, 1000}) {
    const auto sink = read_one(outer, step);
    ASSERT_EQ(sink.sources.size(), 2U);
    EXPECT_EQ(sink.find("input!/x.zip!/y.json")->bytes(), kLines);
    EXPECT_EQ(sink.find("input!/x.7z!/z.json")->bytes(), kLines);
  }
}

TEST_F(InputTest, SaysThatAMemberIsEncryptedAndReadsTheOthers) {
  const std::string zip = pack(Pack::encrypted_zip, {{"secret.json", kLines}});
  const auto sink = read_one(pack(Pack::tar, {{"a.zip", zip}, {"b.json", kLines}}));
  const auto& error = sink.find("input!/a.zip!/secret.json")->receipt.errors.at(0);
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_NE(error.hint.find("password"), std::string::npos);
  EXPECT_EQ(sink.find("input!/b.json")->bytes(), kLines);
}

TEST_F(InputTest, KeepsWhatCameBeforeDamageInArchives) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "{\"number\":" + std::to_string(i * 2654435761U % 1000003) + "}\n";
  const std::string tar = pack(Pack::tar, {{"a.json", kLines}, {"b.json", text}});
  const auto cut_tar = read_one(tar.substr(0, tar.size() / 2));
  EXPECT_EQ(cut_tar.find("input!/a.json")->bytes(), kLines);
  EXPECT_TRUE(text.starts_with(cut_tar.find("input!/b.json")->bytes()));
  EXPECT_GE(cut_tar.find("input!/b.json")->receipt.errors.size(), 1U);
  std::string zip = pack(Pack::zip, {{"a.json", kLines}, {"b.json", text}, {"c.json", kLines}});
  const auto cut_zip = read_one(zip.substr(0, zip.size() / 2));
  EXPECT_EQ(cut_zip.find("input!/a.json")->bytes(), kLines);
  zip[zip.size() / 2] = static_cast<char>(zip[zip.size() / 2] ^ 0x55);
  const auto flipped = read_one(zip);
  EXPECT_EQ(flipped.find("input!/c.json")->bytes(), kLines);
  EXPECT_EQ(flipped.find("input!/b.json")->receipt.errors.size(), 1U);
}

TEST_F(InputTest, EndsContainersThatNestTooDeep) {
  std::string bytes = kLines;
  for (unsigned i = 0; i <= limits::kArchiveDepth; ++i) bytes = gzip(bytes);
  const auto sink = read_one(bytes);
  ASSERT_EQ(sink.sources.size(), 1U);
  EXPECT_EQ(sink.sources[0].receipt.errors.at(0).code, ErrorCode::limit);
}

TEST_F(InputTest, EndsBombsAndReadsTheRest) {
  // Blanks, three levels deep so that the file itself stays small.
  std::string many;
  const std::string member = gzip("{\"a\":1}" + std::string(4 << 20, ' '));
  for (int i = 0; i < 64; ++i) many += member;
  const std::string bomb = write("bomb", gzip(many));
  const std::string zip_bomb =
      write("bomb.zip", pack(Pack::zip, {{"a.json", kLines}, {"b", gzip(many)}, {"c.json", kLines}}));
  const std::string good = write("good.json", kLines);
  RecordingSink sink;
  BufferPool pool;
  read_evidence({bomb, zip_bomb, good}, pool, sink, {.expansion_free = 8 << 20});
  EXPECT_EQ(sink.find(bomb)->receipt.errors.at(0).code, ErrorCode::limit);
  EXPECT_NE(sink.find(bomb)->receipt.errors[0].message.find("unpacks to more than"), std::string::npos);
  EXPECT_LE(sink.find(bomb)->receipt.bytes, 9U << 20);
  EXPECT_EQ(sink.find(zip_bomb + "!/a.json")->bytes(), kLines);
  EXPECT_EQ(sink.find(zip_bomb + "!/b")->receipt.errors.at(0).code, ErrorCode::limit);
  EXPECT_EQ(sink.find(zip_bomb + "!/c.json"), nullptr);
  EXPECT_EQ(sink.find(good)->bytes(), kLines);
}

TEST_F(InputTest, RefusesArchivesOfTooManyMembers) {
  std::string tar;
  const std::string one = pack(Pack::tar, {{"m", ""}}).substr(0, 512);
  for (int i = 0; i < 30; ++i) tar += one;
  RecordingSink sink;
  BufferPool pool;
  MemoryStream stream(tar);
  read_bytes("input", stream, pool, sink, {.members = 20});
  EXPECT_EQ(sink.sources.size(), 21U);
  EXPECT_EQ(sink.sources.back().receipt.errors.at(0).code, ErrorCode::limit);
}

TEST_F(InputTest, ReadsUtf16JsonAsUtf8) {
  const std::string text = "{\"a\":\"\xC3\xA4\xF0\x9F\x98\x80\"}\r\n{\"a\":2}\n";
  std::string little = "\xFF\xFE";
  for (const char16_t unit : std::u16string(u"{\"a\":\"\u00E4\U0001F600\"}\r\n{\"a\":2}\n")) {
    little += static_cast<char>(unit & 0xFF);
    little += static_cast<char>(unit >> 8);
  }
  std::string big = little;
  for (std::size_t i = 0; i + 1 < big.size(); i += 2) std::swap(big[i], big[i + 1]);
  for (const std::string& bytes : {little, big, little.substr(2)}) {
    for (const std::size_t step : {0, 1, 3, 7}) {
      const auto sink = read_one(bytes, step);
      ASSERT_EQ(sink.sources.size(), 1U);
      EXPECT_EQ(sink.sources[0].bytes(), text);
      EXPECT_EQ(sink.sources[0].receipt.kind, "json");
    }
  }
}

}  // namespace
}  // namespace landwarden::decode
