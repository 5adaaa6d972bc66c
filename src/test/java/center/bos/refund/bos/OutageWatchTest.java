package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OutageWatchTest {

    @Test
    void callsThatHangForLongerThanTheTriesAreApartAreAnOutageToo() {
        OutageWatch watch = new OutageWatch();
        for (int call = 1; call <= 3; call++) {
            watch.begins(0);
        }
        assertThat(watch.failed(1, "no answer", 3)).isFalse();
        long firstTry = watch.begins(0);
        assertThat(watch.failed(2, "no answer", 3)).isFalse();
        long secondTry = watch.begins(0);
        assertThat(watch.failed(3, "no answer", 3)).isFalse(); // all of one moment: the tries tell more

        assertThat(watch.failed(firstTry, "no answer", 2)).isTrue();

        assertThat(watch.outage()).isPresent();
        assertThat(watch.answered(secondTry)).isFalse(); // begun before it was noticed
    }
}
