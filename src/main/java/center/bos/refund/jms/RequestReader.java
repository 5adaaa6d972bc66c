// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.TextMessage;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.support.DefaultMessage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import center.bos.refund.model.IdRule;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/**
 * Reads the rows of a JMS message: one {@code {"referenceid","ackno"}} or an array of them, as text or bytes.
 */
@Singleton
@Named("requestReader")
public class RequestReader implements Processor {
    private static final int LARGEST_BYTES = 4 * 1024 * 1024;
    /** Limit for one message, because it is acknowledged when all of its rows are in the ledger. */
    private static final int MOST_ROWS = 10_000;
    private static final int LONGEST_SHOWN = 100;
    private static final int UNKNOWN = 0xFFFD;
    private static final String NO_JSON = "the message is not the expected JSON";
    private static final List<String> IDS = List.of("referenceid", "ackno");
    private static final JsonFactory JSON = new JsonFactory();

    /** Puts the {@link Submission} into the body. */
    @Override
    public void process(Exchange exchange) throws UnreadableMessage, JMSException {
        JmsMessage received = exchange.getMessage(JmsMessage.class);
        Message message = received.getJmsMessage();
        exchange.setMessage(new DefaultMessage(exchange));
        exchange.setProperty(DeadLetter.RECEIVED, received);
        exchange.setVariable("reply", ReplyTo.of(message, true)); // in case that it is put aside
        try {
            Submission submission = submission(content(message), message);
            exchange.setVariable("reply", submission.reply());
            exchange.getMessage().setBody(submission);
        } catch (MessageFormatException | MessageEOFException e) {
            throw new UnreadableMessage("the message's body cannot be read");
        }
    }

    private static String content(Message message) throws UnreadableMessage, JMSException {
        if (Artemis.isLarger(message, 2L * LARGEST_BYTES)
                || message instanceof BytesMessage large && large.getBodyLength() > LARGEST_BYTES) {
            throw new UnreadableMessage("the message is larger than " + LARGEST_BYTES + " bytes");
        }
        if (message instanceof TextMessage text) {
            return text.getText() == null ? "" : text.getText();
        }
        if (message instanceof BytesMessage bytes) {
            byte[] content = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(content);
            return new String(content, StandardCharsets.UTF_8);
        }
        throw new UnreadableMessage("the message is neither text nor bytes");
    }

    private Submission submission(String content, Message message) throws UnreadableMessage, JMSException {
        if (content.length() > LARGEST_BYTES) {
            throw new UnreadableMessage("the message is larger than " + LARGEST_BYTES + " characters");
        }
        List<NewRow> rows = new ArrayList<>();
        boolean single = read(content.startsWith("\uFEFF") ? content.substring(1) : content, rows);
        MessageIdentity identity = MessageIdentity.of(message, content);
        return new Submission("jms-" + identity.id(), Source.JMS, false, rows, ReplyTo.of(message, single),
                identity.content(), identity.isGiven() || message.getJMSRedelivered());
    }

    /**
     * Adds the rows of one object, or of an array of them. Makes no tree, which takes 30 times the memory of a text of empty
     * objects.
     *
     * @return whether it is one object
     */
    private static boolean read(String text, List<NewRow> rows) throws UnreadableMessage {
        try (JsonParser json = JSON.createParser(text)) {
            boolean single = json.nextToken() == JsonToken.START_OBJECT;
            if (single) {
                rows.add(row(1, json));
            } else if (json.currentToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    if (rows.size() == MOST_ROWS) {
                        throw new UnreadableMessage(
                                "the array is longer than " + MOST_ROWS + ": send several, or a file");
                    }
                    rows.add(row(rows.size() + 1L, json));
                }
            }
            if (rows.isEmpty()) {
                throw new UnreadableMessage("the message is neither a JSON object nor an array of them");
            }
            if (json.nextToken() != null) {
                throw new UnreadableMessage(NO_JSON); // it would be read in part
            }
            return single;
        } catch (IOException e) {
            throw new UnreadableMessage(NO_JSON);
        }
    }

    private static NewRow row(long line, JsonParser json) throws IOException, UnreadableMessage {
        Map<String, String> ids = new HashMap<>();
        if (json.currentToken() == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (!IDS.contains(name)) {
                    json.skipChildren();
                } else if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NUMBER_INT
                        || ids.putIfAbsent(name, json.getText()) != null) {
                    throw new UnreadableMessage("each object needs " + name + " once, as a text or a whole number");
                }
            }
        }
        for (String name : IDS) {
            if (!ids.containsKey(name)) {
                throw new UnreadableMessage("each object needs " + name + " as a text or a whole number");
            }
        }
        String referenceid = ids.get("referenceid");
        String ackno = ids.get("ackno");
        String rejection = IdRule.rejection("referenceid", referenceid);
        rejection = rejection != null ? rejection : IdRule.rejection("ackno", ackno);
        return rejection == null
                ? new NewRow(line, referenceid, ackno, null)
                : new NewRow(line, shown(referenceid), shown(ackno), rejection);
    }

    /** An id as its sender gave it, so that the sender finds the row; short, and safe to store. */
    private static String shown(String id) {
        return id.codePoints().limit(LONGEST_SHOWN).map(c -> isShown(c) ? c : UNKNOWN)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }
}
