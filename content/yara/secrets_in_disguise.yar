// Files whose first bytes say what they are, under a name that says something else; and what is in them. The advisories tell of
// copies of the directory's database called .gif, of hives called .dat and of archives called .tmp.

rule directory_database
{
  meta:
    description = "Active Directory's database: holds the password hashes of the whole domain"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
    level = "high"
  strings:
    $data = "datatable"
    $links = "link_table"
    $descriptors = "sd_table"
  condition:
    uint32(4) == 0x89ABCDEF and all of them
}

rule database_under_another_name
{
  meta:
    description = "Database of Windows' own engine under an ending that is none of its own"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
    level = "high"
  condition:
    uint32(4) == 0x89ABCDEF and extension != "" and
    not (extension iequals ".dit" or extension iequals ".edb" or extension iequals ".dat" or extension iequals ".mdb" or
         extension iequals ".sdb" or extension iequals ".db" or extension iequals ".jfm" or extension iequals ".msmessagestore")
}

rule registry_hive_under_another_name
{
  meta:
    description = "Registry hive under an ending that is none of its own"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
    level = "high"
  condition:
    uint32(0) == 0x66676572 and extension != "" and
    not (extension iequals ".dat" or extension iequals ".hve" or extension iequals ".hiv" or extension iequals ".hive" or
         extension iequals ".sav" or extension iequals ".log1" or extension iequals ".log2" or extension iequals ".bak" or
         extension iequals ".evtx")
}

rule secret_hive
{
  meta:
    description = "Registry hive with account secrets (SAM or SECURITY): password hashes of the host"
    author = "Landwarden"
    date = "2026-12-01"
    level = "medium"
  strings:
    $sam = "SAM\\Domains\\Account" nocase
    $domains = "Domains"
    $account = "Aliases"
    $builtin = "Builtin"
    $policy = "PolAdtEv"
    $secrets = "PolSecretEncryptionKey"
    $keys = "PolEKList"
  condition:
    uint32(0) == 0x66676572 and ($sam or all of ($domains, $account, $builtin) or 2 of ($policy, $secrets, $keys))
}

rule memory_dump_under_another_name
{
  meta:
    description = "Memory dump under an ending that is none of its own"
    author = "Landwarden"
    date = "2026-12-01"
    level = "high"
  condition:
    uint32(0) == 0x504D444D and extension != "" and
    not (extension iequals ".dmp" or extension iequals ".mdmp" or extension iequals ".hdmp")
}

rule dump_of_the_logon_process
{
  meta:
    description = "Memory dump of lsass: passwords and tickets of whoever was logged on"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
    level = "high"
  strings:
    $authority = "lsasrv.dll" wide nocase
    $process = "lsass.exe" wide nocase
  condition:
    uint32(0) == 0x504D444D and all of them
}
