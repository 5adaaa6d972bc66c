// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

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

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;

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

    private final ObjectReader json;

    RequestReader(ObjectMapper json) {
        // duplicate fields and trailing text are refused, as such a message would be read in part
        this.json = json.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    }

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
        try {
            JsonNode node = json.readTree(content.startsWith("\uFEFF") ? content.substring(1) : content);
            List<NewRow> rows = rows(node);
            MessageIdentity identity = MessageIdentity.of(message, content);
            return new Submission("jms-" + identity.id(), Source.JMS, false, rows,
                    ReplyTo.of(message, node.isObject()), identity.content(),
                    identity.isGiven() || message.getJMSRedelivered());
        } catch (JsonProcessingException e) {
            throw new UnreadableMessage("the message is not the expected JSON");
        } catch (IOException e) {
            throw new UnreadableMessage("the message cannot be read");
        }
    }

    private static List<NewRow> rows(JsonNode node) throws UnreadableMessage {
        if (node == null || !node.isObject() && !node.isArray() || node.isEmpty()) {
            throw new UnreadableMessage("the message is neither a JSON object nor an array of them");
        }
        if (node.isArray() && node.size() > MOST_ROWS) {
            throw new UnreadableMessage("the array is longer than " + MOST_ROWS + ": send several, or a file");
        }
        List<NewRow> rows = new ArrayList<>();
        for (JsonNode trigger : node.isArray() ? node : List.of(node)) {
            String referenceid = id(trigger, "referenceid");
            String ackno = id(trigger, "ackno");
            String rejection = IdRule.rejection("referenceid", referenceid);
            rejection = rejection != null ? rejection : IdRule.rejection("ackno", ackno);
            rows.add(rejection == null
                    ? new NewRow(rows.size() + 1L, referenceid, ackno, null)
                    : new NewRow(rows.size() + 1L, shown(referenceid), shown(ackno), rejection));
        }
        return rows;
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

    private static String id(JsonNode trigger, String field) throws UnreadableMessage {
        JsonNode id = trigger.get(field);
        if (id == null || !id.isTextual() && !id.isIntegralNumber()) {
            throw new UnreadableMessage("each object needs " + field + " as a text or a whole number");
        }
        return id.asText();
    }
}
