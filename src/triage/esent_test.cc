#include "triage/esent.h"

#include <vector>

#include <gtest/gtest.h>

namespace landwarden::triage {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kTimings =
    "[1] 0.000003 +J(0) +M(C:0K, Fs:3, WS:12K # 0K), [2] 19.500, [3] 0.015644 +J(0).";

TEST(Esent, ReadsEachEventIntoItsParts) {
  const auto created =
      read_esent(325, Texts{"ntdsutil", "4412,D,50", "", "2",
                            R"(C:\Windows\Temp\pro\Active Directory\ntds.dit)", "0", kTimings});
  ASSERT_TRUE(created.has_value());
  EXPECT_EQ(created->kind, EsentKind::created);
  EXPECT_EQ(created->program, "ntdsutil");
  EXPECT_EQ(created->process_id, 4412U);
  EXPECT_EQ(created->path, R"(C:\Windows\Temp\pro\Active Directory\ntds.dit)");
  EXPECT_NEAR(created->seconds.value_or(0), 19.515647, 1e-6);

  const auto moved =
      read_esent(216, Texts{"NTDS", "640", "NTDSA: ", R"(C:\Windows\NTDS\ntds.dit)",
                            R"(\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\NTDS\ntds.dit)"});
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->instance, "NTDSA");
  EXPECT_EQ(moved->path, R"(C:\Windows\NTDS\ntds.dit)");
  EXPECT_EQ(moved->moved_to, R"(\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\NTDS\ntds.dit)");

  for (const auto& [id, kind] : {std::pair(102U, EsentKind::starting), std::pair(103U, EsentKind::stopped)}) {
    const auto engine = read_esent(id, Texts{"ntdsutil", "4412,P,98", "", "0", "10", "00", "20348", "0000"});
    ASSERT_TRUE(engine.has_value());
    EXPECT_EQ(engine->kind, kind);
    EXPECT_TRUE(engine->path.empty());
  }
  const auto started = read_esent(105, Texts{"ntdsutil", "4412,D,0", "", "0", "3", "", ""});
  ASSERT_TRUE(started.has_value());
  EXPECT_EQ(started->seconds, 3.0) << "whole seconds, where the times in detail are not there";
  const auto held =
      read_esent(330, Texts{"NTDS", "640,D,0", "NTDSA: ", R"(C:\Windows\NTDS\ntds.dit)", "8920"});
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(held->path, R"(C:\Windows\NTDS\ntds.dit)");
  EXPECT_EQ(read_esent(326, Texts{"NTDS", "3392", "", "1", "x", "0", "[1] 0.000, [2] 0.000."})->kind,
            EsentKind::attached);
  EXPECT_EQ(read_esent(327, Texts{"NTDS", "3392", "", "1", "x"})->kind, EsentKind::detached);
}

TEST(Esent, ReadsAListThatIsOneText) {
  const auto joined = read_esent(
      325,
      Texts{
          R"(ntdsutil, 4412,D,50, , 2, C:\Windows\Temp\pro\Active Directory\ntds.dit, 0, [1] 1.000, [2] 0.500.)"});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ(joined->process_id, 4412U);
  EXPECT_EQ(joined->path, R"(C:\Windows\Temp\pro\Active Directory\ntds.dit)");
  EXPECT_NEAR(joined->seconds.value_or(0), 1.5, 1e-6);
  EXPECT_FALSE(read_esent(325, Texts{"ntdsutil"}).has_value());
}

TEST(Esent, LeavesWhatItDoesNotKnow) {
  EXPECT_TRUE(is_esent("ESENT", 216));
  EXPECT_FALSE(is_esent("ESENT", 300));
  EXPECT_FALSE(is_esent("MsiInstaller", 325));
  EXPECT_FALSE(read_esent(300, Texts{"a", "1", "", "x"}).has_value());
  EXPECT_FALSE(read_esent(325, Texts{"ntdsutil", "4412,D,50", "", "2"}).has_value()) << "no path, no news";
  EXPECT_FALSE(read_esent(325, Texts{}).has_value());
}

TEST(Esent, KnowsAFileInAShadowCopyByItsOwnPath) {
  const auto device =
      in_shadow_copy(R"(\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy12\Windows\NTDS\ntds.dit)");
  ASSERT_TRUE(device.has_value());
  EXPECT_EQ(device->copy, R"(\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy12)");
  EXPECT_EQ(device->path, R"(\Windows\NTDS\ntds.dit)") << "the volume's drive is not said";
  const auto snap = in_shadow_copy(R"(C:\$SNAP_202603040137_VOLUMED$\NTDS\ntds.dit)");
  ASSERT_TRUE(snap.has_value());
  EXPECT_EQ(snap->copy, R"(C:\$SNAP_202603040137_VOLUMED$)");
  EXPECT_EQ(snap->path, R"(D:\NTDS\ntds.dit)");
  EXPECT_FALSE(in_shadow_copy(R"(C:\Windows\NTDS\ntds.dit)").has_value());
}

}  // namespace
}  // namespace landwarden::triage
