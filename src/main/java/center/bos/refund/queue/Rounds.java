package center.bos.refund.queue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Body;

import center.bos.refund.ledger.RefundRow;

/** Parts a chunk's rows, which are worked side by side, so that of two with the same pair the first comes first. */
@Singleton
@Named("rounds")
public class Rounds {

    /** The rows whose pair is new in the message, then the others, at most {@link Chunk#LARGEST} a round. */
    public List<List<RefundRow>> of(@Body List<RefundRow> rows) {
        Set<RefundRow.Pair> seen = new HashSet<>(2 * rows.size());
        List<RefundRow> first = new ArrayList<>(rows.size());
        List<RefundRow> repeats = new ArrayList<>();
        for (RefundRow row : rows) {
            (row.rejection() != null || seen.add(row.pair()) ? first : repeats).add(row);
        }
        return Stream.of(first, repeats).flatMap(Rounds::cut).toList();
    }

    private static Stream<List<RefundRow>> cut(List<RefundRow> rows) {
        return IntStream.iterate(0, from -> from < rows.size(), from -> from + Chunk.LARGEST)
                .mapToObj(from -> rows.subList(from, Math.min(rows.size(), from + Chunk.LARGEST)));
    }
}
