// Scripts, in files and as PowerShell logged them.

rule script_copies_the_directory
{
  meta:
    description = "Script that copies the directory's database"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
    level = "high"
  strings:
    $media = /ntdsutil[^\r\n]{0,80}\bifm\b/ nocase
    $shadow = /HarddiskVolumeShadowCopy[0-9]{1,4}[^\r\n]{0,60}ntds\.dit/ nocase
    $tools = /Invoke-NinjaCopy|Get-ADDBAccount|Get-ADReplAccount/ nocase
  condition:
    uint16(0) != 0x5A4D and filesize < 2MB and any of them
}

rule script_passes_ports_on
{
  meta:
    description = "Script that passes connections on to another host"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
    level = "medium"
  strings:
    $netsh = /netsh[^\r\n]{0,40}portp[a-z]{0,4}\s+(a|ad|add|s|se|set)\s+v[46]/ nocase
  condition:
    uint16(0) != 0x5A4D and filesize < 2MB and $netsh
}

rule script_dumps_the_logon_process
{
  meta:
    description = "Script that dumps the memory of lsass"
    author = "Landwarden"
    date = "2026-12-01"
    level = "high"
  strings:
    $library = /comsvcs(\.dll)?[^\r\n]{0,20}(MiniDump|#\+?0*24)/ nocase
    $call = "MiniDumpWriteDump" nocase
    $process = "lsass" nocase
  condition:
    uint16(0) != 0x5A4D and filesize < 2MB and ($library or ($call and $process))
}

rule web_shell_in_java_or_aspx
{
  meta:
    description = "Server page that decrypts what it is sent and runs it, as the actor's Awen variants do"
    author = "Landwarden"
    date = "2026-12-01"
    reference = "https://www.cisa.gov/news-events/cybersecurity-advisories/aa23-144a"
    level = "high"
  strings:
    $page = /<%@?\s*(page|import|Page)/
    $java_run = "Runtime.getRuntime().exec"
    $java_builder = "new ProcessBuilder"
    $net_run = "ProcessStartInfo"
    $java_cipher = "Cipher.getInstance"
    $net_cipher = /Aes(Managed|CryptoServiceProvider)|RijndaelManaged/
    $asked = /request\.getParameter|Request\.(Form|Params|Item)\s*[\[(]/ nocase
  condition:
    filesize < 200KB and $page and $asked and
    ((any of ($java_run, $java_builder) and $java_cipher) or ($net_run and $net_cipher))
}

rule java_agent_that_takes_passwords
{
  meta:
    description = "Java code that hooks a web server's password handling, as VersaMem does"
    author = "Landwarden"
    date = "2026-12-01"
    level = "high"
  strings:
    $server = "org/apache/catalina/startup/Bootstrap"
    $attach = ".java_pid"
    $transformer = "ClassFileTransformer"
    $setter = "setUserPassword"
    $kept = ".temp.data"
  condition:
    filesize < 5MB and 3 of them
}
