"""Ctrl-C while runs go on: the session and its variables stay usable, no lock stays taken, NumPy's settings stay the user's.

Each case is a process of its own, in which a timer sends the signal at ever other moments of many runs.
"""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import signal, sys, threading
import numpy as np
import graphcore as tf

INTERRUPTS, size = 200, int(sys.argv[1])
x = tf.placeholder(tf.float32, [size, 3])
steps, other = tf.Variable(0.0), tf.Variable(tf.zeros([3]), use_resource=sys.argv[2] == "resource")
w = tf.Variable(tf.zeros([3, 1]))
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0))
train = tf.group(tf.train.AdamOptimizer(0.01).minimize(loss), steps.assign_add(1.0), other.assign_add([1.0, 1.0, 1.0]))
data = np.ones((size, 3), np.float32)
session = tf.Session()
session.run(tf.global_variables_initializer())
for _ in range(30):
    session.run(train, {x: data})
settings = np.geterr()

interrupted = done = 0
while interrupted < INTERRUPTS:
    try:
        # Not at the same place of each run: between 0.05 and 1 ms from now.
        signal.setitimer(signal.ITIMER_REAL, 5e-5 + 1e-3 * (interrupted * 37 % 100) / 100)
        while True:
            session.run(train, {x: data})
            done += 1
    except KeyboardInterrupt:
        interrupted += 1
    assert np.geterr() == settings, (interrupted, np.geterr())

def work():
    for _ in range(10):
        session.run(train, {x: data})
    result.append(session.run([steps, other, loss], {x: data}))

result = []
thread = threading.Thread(target=work, daemon=True)
thread.start()
thread.join(20)
assert result, "another thread waits for a lock that nobody holds"
count, more, value = result[0]
assert done + 40 <= count <= done + 40 + INTERRUPTS, (count, done)
assert abs(more - count).max() <= INTERRUPTS and np.isfinite(value)
session.run(tf.global_variables_initializer())
assert session.run(steps) == 0
session.close()
print("well")
"""
# The signal is an alarm, which Python turns into the error that Ctrl-C gives.
PROGRAM = PROGRAM.replace("import signal, sys, threading\n", """import signal, sys, threading
def interrupt(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
""")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no interval timer that sends signals")
@pytest.mark.parametrize("jit", ["off", "lazy", "eager"])
@pytest.mark.parametrize(("size", "variable"), [(4, "ref"), (4, "resource"), (3000, "ref")])
def test_after_many_interrupts_all_is_well(jit, size, variable):
    environment = {**os.environ, "GRAPHCORE_JIT": jit}
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM, str(size), variable], env=environment, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0 and done.stdout == "well\n", done.stderr[-2000:]
