package dev.wheelhouse.core.sim;

import java.util.Map;
import java.util.random.RandomGenerator;

/** What goes wrong, and when. Points are counted over the whole simulation: one before and one after each I/O call. */
interface Faults {
    /** What happens to the process that reaches a point. */
    enum AtPoint {
        NOTHING,
        /** Its memory is gone; another process takes over. */
        CRASH,
        /** It stands still, another one takes over, and then it goes on as if nothing had happened. */
        FREEZE,
        /** It is asked to hand over. */
        DRAIN,
        /** Somebody cancels the run. */
        CANCEL
    }

    /** What happens to a call of the store. */
    enum InStore {
        NOTHING,
        /** Not done, and the caller does not know. */
        REFUSED,
        /** Done, and the caller does not know. */
        REPLY_LOST,
        /** Done twice on the way: the caller hears of the second, which was refused. */
        SENT_TWICE,
        /** Done only when the next call comes, and the caller does not know. */
        LATE
    }

    /** What happens to a call of a tool. */
    enum InTool {
        NOTHING,
        NOT_SENT,
        /** Done, and the caller does not know. */
        REPLY_LOST,
        /** Not done, and the caller does not know. */
        REQUEST_LOST,
        /** No answer, ever. */
        HANGS,
        /** The tool says no. */
        FAILS
    }

    /** What happens to a call of a model. */
    enum InModel {
        NOTHING,
        BUSY,
        BROKEN,
        REPLY_LOST,
        HANGS
    }

    default AtPoint atPoint(int point) {
        return AtPoint.NOTHING;
    }

    default InStore inStore(int call) {
        return InStore.NOTHING;
    }

    default InTool inTool(int call) {
        return InTool.NOTHING;
    }

    /** What happens to a call about an Approval. */
    default InStore inApprovals(int call) {
        return InStore.NOTHING;
    }

    default InModel inModel(int call) {
        return InModel.NOTHING;
    }

    /** Points that others reach before a frozen process goes on. */
    default int freezeFor(int point) {
        return Integer.MAX_VALUE;
    }

    static Faults none() {
        return new Faults() {};
    }

    static Faults at(Map<Integer, AtPoint> points, int freezeFor) {
        return new Faults() {
            @Override
            public AtPoint atPoint(int point) {
                return points.getOrDefault(point, AtPoint.NOTHING);
            }

            @Override
            public int freezeFor(int point) {
                return freezeFor;
            }
        };
    }

    static Faults store(int faultyCall, InStore fault, Map<Integer, AtPoint> points) {
        return new Faults() {
            @Override
            public InStore inStore(int call) {
                return call == faultyCall ? fault : InStore.NOTHING;
            }

            @Override
            public AtPoint atPoint(int point) {
                return points.getOrDefault(point, AtPoint.NOTHING);
            }
        };
    }

    /** A bit of everything until so many points have passed; then the world is well again. */
    static Faults random(RandomGenerator random, int until, boolean withCancel) {
        double rate = random.nextDouble(0.02, 0.15);
        return new Faults() {
            private int reached;

            @Override
            public AtPoint atPoint(int point) {
                reached = point;
                if (!chance()) {
                    return AtPoint.NOTHING;
                }
                return switch (random.nextInt(withCancel ? 12 : 11)) {
                    case 0, 1, 2, 3 -> AtPoint.CRASH;
                    case 4, 5, 6, 7 -> AtPoint.FREEZE;
                    case 8, 9, 10 -> AtPoint.DRAIN;
                    default -> AtPoint.CANCEL;
                };
            }

            @Override
            public InStore inStore(int call) {
                return chance() ? draw(InStore.values()) : InStore.NOTHING;
            }

            @Override
            public InTool inTool(int call) {
                return chance() ? draw(InTool.values()) : InTool.NOTHING;
            }

            @Override
            public InStore inApprovals(int call) {
                return chance() ? draw(InStore.values()) : InStore.NOTHING;
            }

            @Override
            public InModel inModel(int call) {
                return chance() ? draw(InModel.values()) : InModel.NOTHING;
            }

            @Override
            public int freezeFor(int point) {
                return random.nextInt(0, 40);
            }

            private boolean chance() {
                return reached < until && random.nextDouble() < rate;
            }

            private <T> T draw(T[] values) {
                return values[random.nextInt(values.length)];
            }
        };
    }
}
