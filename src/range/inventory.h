// Who and what the sample estate is made of: a small water utility's hosts, accounts and programs. All of it
// is invented; names are roles, addresses are private or reserved for documentation.
//
// Constant tables, readable from any thread.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace landwarden::range {

inline constexpr std::string_view kDomain = "ELDERVALLEY";
inline constexpr std::string_view kDnsDomain = "eldervalley.example";
inline constexpr std::string_view kRealm = "ELDERVALLEY.EXAMPLE";
inline constexpr std::string_view kDomainSid = "S-1-5-21-1104729415-2862077713-3390176528";

enum class Role : std::uint8_t {
  domain_controller,
  file_server,
  historian,
  engineering,
  jump,
  backup,
  office
};

struct Host {
  std::string_view name;
  Role role;
  std::string_view address;
  std::uint32_t build;  ///< of Windows: 17763 is Server 2019
  std::uint32_t rid;    ///< of the machine account
  bool sysmon;
  bool audits_processes;  ///< Security 4688 with command lines
  bool server;

  [[nodiscard]] std::string account() const { return std::string(name) + "$"; }
  [[nodiscard]] std::string fqdn() const { return std::string(name) + "." + std::string(kDnsDomain); }
  [[nodiscard]] std::string version() const;  ///< of system files: "10.0.17763.1 (WinBuild.160101.0800)"
};
[[nodiscard]] std::span<const Host> hosts();
[[nodiscard]] const Host& host(std::string_view name);

enum class Work : std::uint8_t {
  none,
  office,
  field,
  engineering,
  operations,
  administration,
  service,
  vendor
};

struct Account {
  std::string_view name;
  std::string_view domain;
  std::uint32_t rid;  ///< 0: `sid` is complete
  std::string_view fixed_sid;
  Work work;
  std::string_view home;  ///< the host it usually sits at; empty: none
  bool administrator;
  std::uint8_t starts_at;  ///< hour of the working day, UTC
  std::uint8_t ends_at;

  [[nodiscard]] std::string sid() const;
  [[nodiscard]] std::string full() const { return std::string(domain) + "\\" + std::string(name); }
  [[nodiscard]] bool is_system() const { return rid == 0; }
};
[[nodiscard]] std::span<const Account> accounts();
[[nodiscard]] const Account& account(std::string_view name);
extern const Account kSystemAccount;
extern const Account kLocalService;
extern const Account kNetworkService;

/// What a program file says about itself.
struct Program {
  std::string_view path;  ///< as Windows writes it; found by its file name, without regard to case
  std::string_view description;
  std::string_view original;
  std::string_view product;  ///< empty: Windows itself
  std::string_view company;
  std::string_view version;
};
/// The file's entry, or one that says "-" for everything.
[[nodiscard]] const Program& program(std::string_view path);

/// "MD5=…,SHA256=…,IMPHASH=…": invented, the same for the same file on the same build.
[[nodiscard]] std::string hashes_of(std::string_view path, std::string_view version);

}  // namespace landwarden::range
