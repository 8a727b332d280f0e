# What the supervisors of these tests supervise: it writes down when it starts and when it ends, and ends as it is told.
#
#   sh command.sh LOG SECONDS:CODE...
#
# The first start does the first of SECONDS:CODE, the second the second, and so on; the last one is repeated. Times are seconds
# since the machine started, in hundredths: nobody sets that clock, it is the same in every namespace of ours, and reading it
# takes no other program. A line is one short write at the end of the file.
log=$1
shift
if [ -e "$log" ]; then
  while read -r word rest; do
    if [ "$word" = start ] && [ $# -gt 1 ]; then shift; fi
  done <"$log"
fi
read -r now rest </proc/uptime
echo "start $now" >>"$log"
if [ "${1%:*}" != 0 ]; then sleep "${1%:*}"; fi
read -r now rest </proc/uptime
echo "end $now ${1#*:}" >>"$log"
exit "${1#*:}"
