// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The hours of each day in which calls may begin, in a time zone, also across changes of its offset.
 *
 * @param to the first moment after; before {@code from} where midnight lies between them
 */
public record Hours(LocalTime from, LocalTime to, ZoneId zone) {
    /** The form of the setting. */
    public static final String FORM = "two times of day and a time zone, such as 09:00-20:00 Asia/Kolkata";
    private static final Pattern TEXT = Pattern
            .compile("([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00) +(\\S+)");

    /**
     * Reads {@value #FORM}.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static Hours of(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("it needs " + FORM);
        }
        LocalTime to = matcher.group(3) == null ? LocalTime.MIDNIGHT : time(matcher.group(3), matcher.group(4));
        LocalTime from = time(matcher.group(1), matcher.group(2));
        if (from.equals(to) && matcher.group(3) != null) {
            throw new IllegalArgumentException("its two times are the same");
        }
        try {
            return new Hours(from, to, ZoneId.of(matcher.group(5)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("there is no time zone " + matcher.group(5), e);
        }
    }

    private static LocalTime time(String hour, String minute) {
        return LocalTime.of(Integer.parseInt(hour), Integer.parseInt(minute));
    }

    /** Whether calls may begin at that moment. */
    public boolean include(Instant moment) {
        LocalTime time = moment.atZone(zone).toLocalTime();
        return from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to);
    }

    /** When calls may begin again, at a moment at which they may not. */
    public Instant next(Instant moment) {
        LocalDate today = moment.atZone(zone).toLocalDate();
        Stream<Instant> starts = today.minusDays(1).datesUntil(today.plusDays(3))
                .flatMap(date -> Stream.of(date.atTime(from).atZone(zone).withEarlierOffsetAtOverlap(),
                        date.atTime(from).atZone(zone).withLaterOffsetAtOverlap()))
                .map(ZonedDateTime::toInstant);
        ZoneOffsetTransition change = zone.getRules().nextTransition(moment); // clocks may jump into the hours
        return Stream.concat(starts, Stream.ofNullable(change).map(ZoneOffsetTransition::getInstant))
                .filter(start -> start.isAfter(moment) && include(start)).min(Instant::compareTo)
                .orElse(moment.plusSeconds(1));
    }

    @Override
    public String toString() {
        return from + "-" + (to.equals(LocalTime.MIDNIGHT) ? "24:00" : to) + " " + zone;
    }
}
