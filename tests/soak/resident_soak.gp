# The memory of the resident server over a run of the soak: reads memory.csv in
# the current folder and writes memory.svg.

set terminal svg size 900,420 background 'white'
set output 'memory.svg'
set datafile separator ','
set key outside right
set grid
set title 'resident\_server under load on routes that leak'
set xlabel 'seconds'
set ylabel 'MiB resident'
set y2label 'workers replaced'
set ytics nomirror
set y2tics
set yrange [0:*]
set y2range [0:*]
plot 'memory.csv' skip 1 using 1:3 with lines lw 2 title 'all processes', \
     '' skip 1 using 1:4 with lines title 'the largest one', \
     '' skip 1 using 1:5 axes x1y2 with steps title 'replaced (right)'
