// Programs that AA23-144A, AA24-038A and MAR-10448362 tie to the actor, known by what they are made of and not by their
// hashes: those change with every build. Written by us from the facts of the advisories and of the tools' own sources.

rule frp_by_its_modules
{
  meta:
    description = "Fast reverse proxy (frp), client or server: the modules it was built from are named in it"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/analysis-reports/ar24-038a"
    level = "high"
  strings:
    $frp = "github.com/fatedier/frp"
    $golib = "github.com/fatedier/golib"
    $yamux = "hashicorp/yamux"
    $kcp = "xtaci/kcp-go"
    $quic = "quic-go/quic-go"
    $reedsolomon = "klauspost/reedsolomon"
  condition:
    (uint16(0) == 0x5A4D or uint32(0) == 0x464C457F or uint32(0) == 0xFEEDFACF) and 3 of them
}

rule frp_by_its_protocol
{
  meta:
    description = "A program that speaks frp's protocol, its modules' names removed"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/analysis-reports/ar24-038a"
    level = "medium"
  strings:
    $key = "privilege_key"
    $run = "run_id"
    $name = "proxy_name"
    $type = "proxy_type"
    $pool = "pool_count"
    $modules = "github.com/fatedier/frp"
  condition:
    (uint16(0) == 0x5A4D or uint32(0) == 0x464C457F or uint32(0) == 0xFEEDFACF) and not $modules and
    $key and 3 of ($run, $name, $type, $pool)
}

rule scanline
{
  meta:
    description = "ScanLine, a port scanner of 2002, unpacked"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/analysis-reports/ar24-038a"
    level = "high"
  strings:
    $name = "ScanLine"
    $maker = "Foundstone"
    $ports = "TCP ports" nocase
  condition:
    uint16(0) == 0x5A4D and filesize < 1MB and all of them
}

rule packed_program_without_a_maker
{
  meta:
    description = "Program packed with UPX that names no maker, as the actor's relays were; packers have honest users too"
    author = "Landwarden"
    date = "2026-12-01"
    level = "low"
  strings:
    $first = "UPX0"
    $second = "UPX1"
    $maker = "CompanyName" wide
  condition:
    uint16(0) == 0x5A4D and filesize > 1MB and $first in (0..1024) and $second in (0..1024) and not $maker
}

rule archiver_under_another_name
{
  meta:
    description = "rar or 7-Zip under a name that is not its own"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa24-038a"
    level = "high"
  strings:
    $field = "OriginalFilename" wide
    $rar = "Rar.exe" wide nocase
    $seven = "7z.exe" wide nocase
    $sevena = "7za.exe" wide nocase
  condition:
    uint16(0) == 0x5A4D and filename != "" and
    for any i in (1..#field) : (for any of ($rar, $seven, $sevena) : ($ in (@field[i]..@field[i] + 48))) and
    not (filename icontains "rar" or filename icontains "7z")
}
