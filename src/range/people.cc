#include "range/people.h"

#include <fmt/format.h>

#include "range/powershell.h"
#include "range/remote_desktop.h"

namespace landwarden::range {
namespace {

constexpr std::int64_t kMinutesPerDay = 24 * 60;

constexpr std::uint32_t bit(Work work) {
  return 1U << static_cast<unsigned>(work);
}
constexpr std::uint32_t kDesk = bit(Work::office) | bit(Work::field);
constexpr std::uint32_t kEveryone = kDesk | bit(Work::engineering) | bit(Work::operations);

/// A program people open, with what it touches. '%' in a path stands for the user's name.
struct App {
  std::uint32_t who;
  std::string_view image;
  std::string_view command_line;
  std::int64_t for_seconds;
  std::string_view file;
  std::string_view asks_for;
  std::string_view answer;
  std::uint32_t weight;
};
constexpr App kApps[] = {
    {kDesk, "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
     "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE\"", 1'500,
     "C:\\Users\\%\\AppData\\Local\\Microsoft\\Outlook\\%@eldervalley.example.ost",
     "mail.eldervalley.example", "10.20.1.40", 6},
    {kDesk, "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE",
     "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE\" "
     "\"S:\\Planning\\meter-readings.xlsx\"",
     900, "C:\\Users\\%\\AppData\\Roaming\\Microsoft\\Excel\\meter-readings.xlsx.xlb", "", "", 5},
    {kDesk, "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE",
     "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE\" /n "
     "\"C:\\Users\\%\\Documents\\notice of works.docx\"",
     1'100, "C:\\Users\\%\\Documents\\~$tice of works.docx", "", "", 4},
    {kEveryone, "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
     "\"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe\" --profile-directory=Default", 700,
     "C:\\Users\\%\\AppData\\Local\\Microsoft\\Edge\\User Data\\Default\\Preferences", "weather.example",
     "198.51.100.20", 8},
    {kDesk, "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
     "\"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe\" --single-argument "
     "https://tenders.example/water",
     400, "C:\\Users\\%\\Downloads\\tender-2026-014.pdf", "tenders.example", "198.51.100.44", 3},
    {bit(Work::office), "C:\\Program Files\\AquaLedger\\AquaLedger.exe",
     "\"C:\\Program Files\\AquaLedger\\AquaLedger.exe\" /site main", 2'400,
     "C:\\Users\\%\\AppData\\Local\\AquaLedger\\session.log", "ledger.eldervalley.example", "10.20.1.41", 6},
    {bit(Work::field), "C:\\Program Files\\MainsMap\\MainsMap.exe",
     "\"C:\\Program Files\\MainsMap\\MainsMap.exe\" \"S:\\GIS\\mains.mmx\"", 1'900,
     "C:\\Users\\%\\AppData\\Local\\MainsMap\\tiles.cache", "evw-fs01.eldervalley.example", "10.20.1.20", 7},
    {bit(Work::operations) | bit(Work::engineering), "C:\\Program Files\\FlowTrend\\Client\\FlowTrend.exe",
     "\"C:\\Program Files\\FlowTrend\\Client\\FlowTrend.exe\" /server EVW-HIST01 /view \"High lift pumps\"",
     2'800, "C:\\ProgramData\\FlowTrend\\Client\\views.xml", "evw-hist01.eldervalley.example", "10.20.50.10",
     9},
    {bit(Work::engineering), "C:\\Program Files (x86)\\LadderWorks\\LadderWorks.exe",
     "\"C:\\Program Files (x86)\\LadderWorks\\LadderWorks.exe\" \"D:\\Projects\\booster-3\\booster-3.lwp\"",
     3'600, "D:\\Projects\\booster-3\\booster-3.lwp.lock", "", "", 5},
    {bit(Work::engineering), "C:\\Windows\\System32\\PING.EXE", "ping -n 4 10.20.50.61", 4, "", "", "", 2},
    {kEveryone, "C:\\Windows\\System32\\notepad.exe",
     "\"C:\\Windows\\system32\\NOTEPAD.EXE\" C:\\Users\\%\\Documents\\notes.txt", 240, "", "", "", 3},
    {kEveryone, "C:\\Windows\\System32\\win32calc.exe", "\"C:\\Windows\\system32\\win32calc.exe\"", 90, "",
     "", "", 2},
    {kEveryone, "C:\\Windows\\System32\\backgroundTaskHost.exe",
     "\"C:\\Windows\\system32\\backgroundTaskHost.exe\" "
     "-ServerName:CortanaUI.AppXy7vb4pc2dr3kc93kfc509b1d0arkfb2x.mca",
     12, "", "", "", 6},
    {kEveryone, "C:\\Windows\\System32\\RuntimeBroker.exe",
     "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding", 130, "", "", "", 6},
    {kDesk, "C:\\Windows\\System32\\rundll32.exe",
     "\"C:\\Windows\\system32\\rundll32.exe\" C:\\Windows\\system32\\shell32.dll,OpenAs_RunDLL "
     "C:\\Users\\%\\Downloads\\plan.dwg",
     20, "", "", "", 1},
};

constexpr std::string_view kPlanFiles[] = {"Planning\\meter-readings.xlsx", "Planning\\rota.xlsx",
                                           "GIS\\mains.mmx", "Notices\\template.docx", "Planning"};

std::string with_name(std::string_view pattern, std::string_view name) {
  std::string result;
  for (const char letter : pattern) {
    if (letter == '%') {
      result += name;
    } else {
      result += letter;
    }
  }
  return result;
}

const App& pick_app(Dice& dice, Work work) {
  std::uint32_t total = 0;
  for (const App& app : kApps) total += (app.who & bit(work)) != 0 ? app.weight : 0;
  std::uint32_t draw = dice.below(total);
  for (const App& app : kApps) {
    const std::uint32_t weight = (app.who & bit(work)) != 0 ? app.weight : 0;
    if (draw < weight) return app;
    draw -= weight;
  }
  return kApps[0];
}

void use_app(Machine& machine, Time time, const Account& person, const Process& shell, const Session& session,
             const App& app) {
  const Process process =
      machine.run(time, shell, std::string(app.image), with_name(app.command_line, person.name), session,
                  app.for_seconds * 1'000 + machine.dice().between(0, app.for_seconds * 700));
  if (!app.file.empty())
    machine.create_file(later(time, machine.dice().between(400, 9'000)), process,
                        with_name(app.file, person.name));
  if (app.asks_for.empty()) return;
  machine.resolve(later(time, 700), process, app.asks_for, app.answer);
  machine.connect(later(time, 760), process, app.answer, app.asks_for, 443);
}

/// A working day at the desk, from the first logon to the last.
void plan_desk_day(World& world, const Account& person, std::int64_t day) {
  Dice dice(world.seed(), fmt::format("{} {}", person.name, day));
  Machine& machine = world.machine(person.home);
  // One draw a statement: compilers differ in the order in which they evaluate arguments.
  const std::int64_t within_minute_ms = dice.between(0, 59'000);
  const Time arrives = later(
      minutes_later(world.begin(), day * kMinutesPerDay + person.starts_at * 60 + dice.between(-12, 14)),
      within_minute_ms);
  const Time leaves =
      minutes_later(world.begin(), day * kMinutesPerDay + person.ends_at * 60 + dice.between(-9, 22));
  const bool mistypes = dice.chance(40);
  world.at(arrives, [&world, &machine, &person, leaves, mistypes, dice](Time time) mutable {
    if (mistypes) {
      machine.fail_logon(time, person.name, LogonType::interactive, "");
      world.domain_controller().log(
          kind::kPreAuthenticationFailed, later(time, 10),
          {std::string(person.name), person.sid(), fmt::format("krbtgt/{}", kDomain), "0x40810010", "0x18",
           "2", fmt::format("::ffff:{}", machine.host().address), "50122", "", "", ""});
      time = later(time, 9'000);
    }
    world.ticket(time, person.name, person.sid(), machine.host(), machine.host(), true);
    const Session session = machine.log_on(later(time, 40), person, LogonType::interactive);
    const Process shell = machine.open_desktop(time, session);
    machine.log(kind::kSessionLogon, later(time, 800),
                {person.full(), std::to_string(session.terminal), "LOCAL"});
    machine.log(kind::kUserPolicy, later(time, 5'200),
                {"1", "4213", "1", "611", world.domain_controller().host().fqdn()});
    world.use_share(later(time, 8'000), person, machine.host(), "Departments", "D:\\Departments", kPlanFiles);
    const std::int64_t step = std::max<std::int64_t>(9 / world.scale(), 1);
    for (Time next = later(time, 40'000); next < later(leaves, -120'000);
         next = later(next, step * 60'000 * dice.between(4, 17) / 10)) {
      const App& app = pick_app(dice, person.work);
      world.at(next, [&machine, &person, shell, session, &app](Time now) {
        use_app(machine, now, person, shell, session, app);
      });
    }
    for (const std::int64_t pause : {dice.between(100, 130), dice.between(230, 270)}) {
      world.at(minutes_later(time, pause), [&world, &machine, &person](Time now) {
        world.ticket(now, person.name, person.sid(), machine.host(), machine.host(), false);
        const Session unlocked = machine.log_on(later(now, 30), person, LogonType::unlock, "127.0.0.1");
        machine.log_off(later(now, 45), unlocked);
        world.use_share(minutes_later(now, 3), person, machine.host(), "Departments", "D:\\Departments",
                        kPlanFiles);
      });
    }
    world.at(leaves, [&machine, &person, shell, session](Time now) {
      machine.end(now, shell);
      machine.log_off(later(now, 200), session);
      machine.log(kind::kSessionLogoff, later(now, 500), {person.full(), std::to_string(session.terminal)});
    });
  });
}

/// What the administrator types in an ordinary week. Each line alone is also an intruder's.
struct AdminLine {
  std::string_view image;
  std::string_view command_line;
  std::int64_t for_ms;
};
constexpr AdminLine kAdminLines[] = {
    {"C:\\Windows\\System32\\mmc.exe",
     "\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\dsa.msc\"", 1'200'000},
    {"C:\\Windows\\System32\\ipconfig.exe", "ipconfig /all", 90},
    {"C:\\Windows\\System32\\gpupdate.exe", "gpupdate /force", 19'000},
    {"C:\\Windows\\System32\\PING.EXE", "ping evw-hist01", 3'200},
    {"C:\\Windows\\System32\\nslookup.exe", "nslookup evw-fs01.eldervalley.example", 400},
    {"C:\\Windows\\System32\\mmc.exe",
     "\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\eventvwr.msc\"", 900'000},
    {"C:\\Windows\\System32\\quser.exe", "quser", 60},
    {"C:\\Windows\\System32\\Taskmgr.exe", "\"C:\\Windows\\system32\\taskmgr.exe\" /4", 300'000},
    {"C:\\Windows\\System32\\robocopy.exe",
     "robocopy \\\\EVW-FS01\\Software\\Updates D:\\Updates /MIR /R:1 /W:1", 64'000},
    {"C:\\Windows\\System32\\mmc.exe",
     "\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\services.msc\"", 700'000},
    {"C:\\Windows\\System32\\schtasks.exe", "schtasks /query /tn \"\\EVW\\Disk space\"", 200},
};
constexpr std::string_view kAdminScript =
    "Get-ADComputer -Filter * | ForEach-Object { Test-Connection -ComputerName $_.DNSHostName -Count 1 "
    "-Quiet }";
constexpr std::string_view kAdminCommands[] = {"Get-ADComputer", "ForEach-Object", "Test-Connection"};

void administrate(World& world, Machine& jump, Time time, const RemoteDesktop& desktop, Time leaves) {
  Dice dice(world.seed(), fmt::format("administrator {}", time.ticks));
  const Process console = jump.run_console(
      later(time, 60'000), desktop.shell, "C:\\Windows\\System32\\cmd.exe",
      "\"C:\\Windows\\system32\\cmd.exe\"", desktop.session, (leaves.ticks - time.ticks) / 10'000 - 90'000);
  std::size_t line = dice.below(static_cast<std::uint32_t>(std::size(kAdminLines)));
  for (Time next = later(time, 120'000); next < later(leaves, -1'500'000);
       next = minutes_later(next, dice.between(11, 34))) {
    const AdminLine& typed = kAdminLines[line++ % std::size(kAdminLines)];
    world.at(next, [&jump, console, desktop, &typed](Time now) {
      jump.run(now, console, std::string(typed.image), std::string(typed.command_line), desktop.session,
               typed.for_ms);
    });
  }
  world.at(minutes_later(time, 40), [&jump, desktop](Time now) {
    run_powershell(jump, now, desktop.shell, desktop.session,
                   "\"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\" ",
                   Script{"", kAdminScript, kAdminCommands}, 240'000);
  });
}

void plan_admin_day(World& world, const Account& admin, std::int64_t day) {
  Dice dice(world.seed(), fmt::format("{} {}", admin.name, day));
  Machine& jump = world.machine(admin.home);
  const Host& desk = host("EVW-PC102");
  const Time arrives =
      minutes_later(world.begin(), day * kMinutesPerDay + admin.starts_at * 60 + dice.between(4, 31));
  const Time leaves =
      minutes_later(world.begin(), day * kMinutesPerDay + admin.ends_at * 60 - dice.between(5, 50));
  world.at(arrives, [&world, &jump, &admin, &desk, leaves](Time time) {
    const RemoteDesktop desktop =
        open_remote_desktop(world, time, admin, desk.address, desk.name, jump, false);
    administrate(world, jump, later(time, 20'000), desktop, leaves);
    world.at(minutes_later(time, 190), [&jump, desktop](Time now) {
      disconnect_remote_desktop(jump, now, desktop.session);
      jump.log(kind::kSessionReconnected, minutes_later(now, 47),
               {desktop.session.account->full(), std::to_string(desktop.session.terminal),
                desktop.session.address});
    });
    world.at(minutes_later(time, 75), [&world, &jump, &admin](Time now) {
      Machine& controller = world.domain_controller();
      const RemoteDesktop inner =
          open_remote_desktop(world, now, admin, jump.host().address, jump.host().name, controller, false);
      controller.run(later(now, 40'000), inner.shell, "C:\\Windows\\System32\\mmc.exe",
                     "\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\gpmc.msc\"", inner.session,
                     900'000);
      world.at(minutes_later(now, 26),
               [&controller, inner](Time done) { close_remote_desktop(controller, done, inner); });
    });
    world.at(leaves, [&jump, desktop](Time now) { close_remote_desktop(jump, now, desktop); });
  });
}

/// A new scheduled task, made by the administrator on the first day.
void plan_new_task(World& world) {
  world.at(minutes_later(world.begin(), 14 * 60 + 21), [&world](Time time) {
    Machine& server = world.machine("EVW-FS01");
    const Account& admin = account("adm-itops");
    const Session session = world.remote_session(time, admin, world.machine("EVW-JUMP01").host(), server);
    const std::string content =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" "
        "xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>\r\n    "
        "<Author>ELDERVALLEY\\adm-itops</Author>\r\n    <URI>\\EVW\\Disk space</URI>\r\n  "
        "</RegistrationInfo>\r\n  <Triggers>\r\n    "
        "<TimeTrigger>\r\n      <Repetition>\r\n        <Interval>PT4H</Interval>\r\n      </Repetition>\r\n "
        "   </TimeTrigger>\r\n  "
        "</Triggers>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n      "
        "<Command>powershell.exe</Command>\r\n      "
        "<Arguments>-NoProfile -NonInteractive -File C:\\Scripts\\Write-DiskSpace.ps1</Arguments>\r\n    "
        "</Exec>\r\n  </Actions>\r\n"
        "</Task>";
    server.log(kind::kTaskCreated, later(time, 900),
               {admin.sid(), std::string(admin.name), std::string(admin.domain), hex(session.logon_id),
                "\\EVW\\Disk space", content});
    server.log(kind::kTaskRegistered, later(time, 910), {"\\EVW\\Disk space", admin.full()});
    server.log_off(later(time, 30'000), session);
  });
}

/// The pump vendor's yearly visit: by VPN, by day, announced.
void plan_vendor_visit(World& world) {
  world.at(minutes_later(world.begin(), 9 * 60 + 38), [&world](Time time) {
    Machine& jump = world.machine("EVW-JUMP01");
    const RemoteDesktop desktop =
        open_remote_desktop(world, time, account("vendor.pumps"), "10.20.90.12", "PUMPS-LT04", jump, true);
    jump.run(later(time, 70'000), desktop.shell, "C:\\Program Files\\FlowTrend\\Client\\FlowTrend.exe",
             "\"C:\\Program Files\\FlowTrend\\Client\\FlowTrend.exe\" /server EVW-HIST01 /view \"Booster 3 "
             "vibration\"",
             desktop.session, 1'900'000);
    world.at(minutes_later(time, 44),
             [&jump, desktop](Time now) { close_remote_desktop(jump, now, desktop); });
  });
}

}  // namespace

void plan_people(World& world) {
  const std::int64_t days =
      (world.end().ticks - world.begin().ticks) / (kMinutesPerDay * 60 * kTicksPerSecond);
  for (std::int64_t day = 0; day < days; ++day) {
    for (const Account& person : accounts()) {
      const std::int64_t weekday = day % 7;  // the first day is a Monday
      if (weekday >= 5 && person.work != Work::operations) continue;
      if ((bit(person.work) & kEveryone) != 0) plan_desk_day(world, person, day);
      if (person.work == Work::administration) plan_admin_day(world, person, day);
    }
  }
  plan_new_task(world);
  plan_vendor_visit(world);
}

}  // namespace landwarden::range
