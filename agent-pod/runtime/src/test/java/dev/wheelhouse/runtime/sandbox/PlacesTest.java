package dev.wheelhouse.runtime.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who gets in when there are more connections than room. */
class PlacesTest {
    private final Places places = new Places(4, 68, 512);

    private static InetAddress address(int n) {
        return InetAddress.ofLiteral("10.0." + n / 256 + "." + n % 256);
    }

    private int takeAll(InetAddress from) {
        int n = 0;
        while (places.enter(from)) {
            n++;
        }
        return n;
    }

    @Test
    void one_address_alone_gets_as_many_as_one_may_have() {
        assertEquals(68, takeAll(address(1)));
    }

    @Test
    void however_many_take_all_they_can_the_next_one_gets_its_own() {
        List<Integer> greedy =
                IntStream.range(0, 200).map(n -> takeAll(address(n))).boxed().toList();
        assertTrue(greedy.stream().mapToInt(n -> n).sum() <= 200 * 4 + 512, greedy.toString());
        assertTrue(greedy.stream().allMatch(n -> n >= 4), greedy.toString());
        assertTrue(takeAll(address(300)) >= 4);
    }

    @Test
    void who_has_much_gets_nothing_more_when_there_is_little() {
        IntStream.range(0, 7).forEach(n -> takeAll(address(n)));
        // 64 of the shared ones are left.
        assertEquals(4 + 32, takeAll(address(7)));
        assertEquals(4 + 16, takeAll(address(8)));
        assertTrue(places.enter(address(9)), "few are left for who has none");
    }

    @Test
    void what_is_given_back_can_be_taken_again() {
        for (int round = 0; round < 3; round++) {
            IntStream.range(0, 100).forEach(n -> {
                int taken = takeAll(address(n));
                IntStream.range(0, taken).forEach(i -> places.leave(address(n)));
            });
        }
        assertEquals(68, takeAll(address(1)));
        places.leave(address(1));
        assertTrue(places.enter(address(1)));
        assertFalse(places.enter(address(1)));
    }

    @Test
    void all_together_are_bounded_too() {
        assertEquals(
                1024,
                IntStream.range(0, 3000).filter(n -> places.enter(address(n))).count());
        places.leave(address(5));
        assertTrue(places.enter(address(2999)));
    }
}
