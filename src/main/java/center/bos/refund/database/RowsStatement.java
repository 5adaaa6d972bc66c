// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A statement that changes many rows of the table {@code refund} or {@code pair}, each told by its {@code batch} and {@code line}: on
 * SQLite it is run for one row after the other, on PostgreSQL once for all, since its server takes longer to begin and end a
 * statement than to work on a row.
 *
 * <p>In its text {@code {name}} stands for a value of the row, {@code {=name}} for one that all rows of a run have in common,
 * {@code {rows}} for where the rows come from, behind a {@code SELECT} or a {@code SET}, and {@code {lock}} at the end of a subquery
 * that must see what another node has just changed, and keep it as it is until the transaction ends.
 */
public final class RowsStatement<T> {
    private static final Pattern PLACE = Pattern.compile("\\{(=?)(\\w+)}");
    private static final String ROWS = "rows";
    private static final String LOCK = "lock";

    private final Map<String, Column<T>> columns = new LinkedHashMap<>();
    private final String ofOne;
    private final String ofAll;
    /** What the question marks of the statement for all rows stand for. */
    private final List<Parameter<T>> parameters = new ArrayList<>();

    /**
     * A value of a row.
     *
     * @param type as PostgreSQL names it
     */
    public record Column<T>(String name, String type, Function<T, Object> value) {
    }

    private record Parameter<T>(Column<T> column, boolean common) {
    }

    /** The row of a table that a run of the statement changed. */
    private record Key(long batch, long line) {
    }

    /**
     * A statement on that table.
     *
     * @param columns among them {@code batch} and {@code line}, both {@code bigint}, which no two rows of a run have in common
     */
    public RowsStatement(String table, String text, List<Column<T>> columns) {
        columns.forEach(column -> this.columns.put(column.name(), column));
        ofOne = replaced(text, this::ofOne);
        ofAll = replaced(text, place -> ofAll(place, text)) + " RETURNING " + table + ".batch, " + table + ".line";
    }

    private static String replaced(String text, Function<MatchResult, String> replacement) {
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(replacement.apply(place)));
    }

    private String ofOne(MatchResult place) {
        return place.group(2).equals(ROWS) || place.group(2).equals(LOCK)
                ? ""
                : "?" + (List.copyOf(columns.keySet()).indexOf(place.group(2)) + 1);
    }

    private String ofAll(MatchResult place, String text) {
        if (place.group(2).equals(LOCK)) {
            return "FOR SHARE";
        }
        if (place.group(2).equals(ROWS)) {
            List<Column<T>> own = columns.values().stream()
                    .filter(column -> text.contains("{" + column.name() + "}")).toList();
            own.forEach(column -> parameters.add(new Parameter<>(column, false)));
            return own.stream().map(column -> "?::" + column.type() + "[]")
                    .collect(Collectors.joining(", ", "FROM unnest(",
                            own.stream().map(Column::name).collect(Collectors.joining(", ", ") AS v(", ")"))));
        }
        Column<T> column = columns.get(place.group(2));
        if (place.group(1).isEmpty()) {
            return "v." + column.name();
        }
        parameters.add(new Parameter<>(column, true));
        return "?::" + column.type();
    }

    /** Runs it; returns for each row, in their order, whether it changed anything. */
    public List<Boolean> run(Jdbc jdbc, List<T> rows) throws SQLException {
        List<Boolean> changed = new ArrayList<>(rows.size());
        if (rows.isEmpty()) {
            return changed;
        }
        if (!jdbc.takesArrays()) {
            for (int count : jdbc.batch(ofOne, rows, this::values)) {
                changed.add(count == 1);
            }
            return changed;
        }
        Set<Key> keys = new HashSet<>(
                jdbc.list(ofAll, found -> new Key(found.getLong(1), found.getLong(2)), values(jdbc, rows)));
        for (T row : rows) {
            changed.add(keys.remove(new Key((long) columns.get("batch").value().apply(row),
                    (long) columns.get("line").value().apply(row))));
        }
        return changed;
    }

    private Object[] values(T row) {
        Object[] values = new Object[columns.size()]; // a plain loop, because each row that is accepted or settled passes here
        int i = 0;
        for (Column<T> column : columns.values()) {
            values[i++] = column.value().apply(row);
        }
        return values;
    }

    private Object[] values(Jdbc jdbc, List<T> rows) throws SQLException {
        Object[] values = new Object[parameters.size()];
        for (int i = 0; i < values.length; i++) {
            Parameter<T> parameter = parameters.get(i);
            Function<T, Object> value = parameter.column().value();
            values[i] = parameter.common()
                    ? value.apply(rows.get(0))
                    : jdbc.array(parameter.column().type(), rows.stream().map(value).toArray());
        }
        return values;
    }
}
