# Holds a process as a debugger does that has stopped: once it has ended, nobody is told.
#
#   perl tracer.pl PID    says "holds", then stops itself
use strict;
use warnings;
my ($pid) = @ARGV;
# ptrace(2) by its number on x86-64 and on arm64, and PTRACE_SEIZE.
chomp(my $machine = `uname -m`);
my $ptrace = $machine eq 'x86_64' ? 101 : 117;
syscall($ptrace, 0x4206, $pid + 0, 0, 0) == 0 or die "ptrace: $!";
$| = 1;
print "holds\n";
kill 'STOP', $$;
