// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.List;

/**
 * Calls a benchmark again and again and uses what it answers. There is a loop for each kind of answer, so that no number
 * is boxed on its way. A JVM that measures has one subject, so one loop with one class of call: all of it is inlined.
 */
interface Loop {
    /**
     * The loop is compiled by itself, whatever is around it. {@code used} has no code: the compiler makes the value, keeps
     * it in a register, and makes no call.
     */
    List<String> JVM_ARGS = List.of(
            "-XX:+UnlockExperimentalVMOptions",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=blackhole," + Answers.class.getName() + "::used",
            "-XX:CompileCommand=dontinline," + Loop.class.getName() + "*::repeat");

    void repeat(int times) throws Exception;

    interface VoidCall {
        void call() throws Exception;
    }

    interface BooleanCall {
        boolean call() throws Exception;
    }

    /** Also of shorter integers. */
    interface LongCall {
        long call() throws Exception;
    }

    interface DoubleCall {
        double call() throws Exception;
    }

    interface ObjectCall {
        Object call() throws Exception;
    }

    /** The interface whose only method answers that. */
    static Class<?> callOf(Class<?> answer) {
        if (!answer.isPrimitive()) {
            return ObjectCall.class;
        } else if (answer == void.class) {
            return VoidCall.class;
        } else if (answer == boolean.class) {
            return BooleanCall.class;
        }
        return answer == double.class || answer == float.class ? DoubleCall.class : LongCall.class;
    }

    /** The loop over one of those interfaces. */
    static Loop over(Object call) {
        if (call instanceof VoidCall nothing) {
            return new Voids(nothing);
        } else if (call instanceof BooleanCall truth) {
            return new Booleans(truth);
        } else if (call instanceof DoubleCall number) {
            return new Doubles(number);
        } else if (call instanceof LongCall number) {
            return new Longs(number);
        }
        return new Objects((ObjectCall) call);
    }

    /** Black holes by command of {@link #JVM_ARGS}. */
    final class Answers {
        /** Read before every call, as JMH does: else a compiler may do the work once for the whole loop. */
        static volatile boolean unwanted;

        private Answers() {}

        static void used(boolean answer) {}

        static void used(long answer) {}

        static void used(double answer) {}

        static void used(Object answer) {}
    }

    /** Of calls that answer nothing. */
    record Voids(VoidCall call) implements Loop {
        @Override
        public void repeat(int times) throws Exception {
            for (int i = 0; i < times && !Answers.unwanted; i++) {
                call.call();
            }
        }
    }

    /** Of yes or no. */
    record Booleans(BooleanCall call) implements Loop {
        @Override
        public void repeat(int times) throws Exception {
            for (int i = 0; i < times && !Answers.unwanted; i++) {
                Answers.used(call.call());
            }
        }
    }

    /** Of integers. */
    record Longs(LongCall call) implements Loop {
        @Override
        public void repeat(int times) throws Exception {
            for (int i = 0; i < times && !Answers.unwanted; i++) {
                Answers.used(call.call());
            }
        }
    }

    /** Of fractions. */
    record Doubles(DoubleCall call) implements Loop {
        @Override
        public void repeat(int times) throws Exception {
            for (int i = 0; i < times && !Answers.unwanted; i++) {
                Answers.used(call.call());
            }
        }
    }

    /** Of references. */
    record Objects(ObjectCall call) implements Loop {
        @Override
        public void repeat(int times) throws Exception {
            for (int i = 0; i < times && !Answers.unwanted; i++) {
                Answers.used(call.call());
            }
        }
    }
}
