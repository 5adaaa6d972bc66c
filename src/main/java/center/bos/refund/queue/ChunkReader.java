package center.bos.refund.queue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;

import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
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

import center.bos.refund.csv.IdRule;
import center.bos.refund.ledger.RefundRow;

/**
 * Reads a message of the work queue into its rows: a {@link Chunk} of a batch, or from a JMS client one
 * {@code {"referenceid","ackno"}} or an array of them, as text or as bytes. Each message gets a turn at the gate.
 */
@Singleton
@Named("chunkReader")
public class ChunkReader implements Processor {
    /** The exchange property with the message's number, counted from 1 in the order in which they are read. */
    public static final String TURN = "turn";
    private static final int LARGEST_BYTES = 4 * 1024 * 1024;
    /** Of a message: their outcomes are handed on in one transaction. */
    private static final int MOST_ROWS = 10_000;
    /** In bytes; a file's is shorter, and a key of some thousand is more than PostgreSQL can index. */
    private static final int LONGEST_BATCH = 255;

    private final ObjectReader json;
    private final WorkedBatches worked;
    private final AtomicLong turns = new AtomicLong();

    ChunkReader(ObjectMapper json, WorkedBatches worked) {
        // a message that says two things, or goes on after its end, would be read in part
        this.json = json.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
        this.worked = worked;
    }

    /**
     * Puts the rows into the body.
     *
     * @throws UnreadableMessage if the message holds none
     * @throws JMSException if the broker is lost
     */
    @Override
    public void process(Exchange exchange) throws UnreadableMessage, JMSException {
        JmsMessage received = exchange.getMessage(JmsMessage.class);
        Message message = received.getJmsMessage();
        // A copy of a JMS message, which each row would be, asks the broker's message for its headers again.
        exchange.setMessage(new DefaultMessage(exchange));
        try {
            exchange.getMessage().setBody(rows(exchange, content(message), message));
        } catch (UnreadableMessage e) {
            exchange.setProperty(DeadLetter.RECEIVED, received);
            exchange.setProperty(ReplyTo.PROPERTY, ReplyTo.of(message, true));
            throw e;
        }
        exchange.setProperty(TURN, turns.incrementAndGet());
    }

    private static String content(Message message) throws UnreadableMessage, JMSException {
        // Before a text of any size is read into memory; only what Artemis calls large can be so large.
        if (message instanceof ActiveMQMessage artemis && artemis.getCoreMessage().isLargeMessage()
                && artemis.getCoreMessage().getBodySize() > 2L * LARGEST_BYTES) {
            throw new UnreadableMessage("the message is larger than " + LARGEST_BYTES + " bytes");
        }
        if (message instanceof TextMessage text) {
            return text.getText() == null ? "" : text.getText();
        }
        if (message instanceof BytesMessage bytes) {
            if (bytes.getBodyLength() > LARGEST_BYTES) {
                throw new UnreadableMessage("the message is larger than " + LARGEST_BYTES + " bytes");
            }
            byte[] content = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(content);
            return new String(content, StandardCharsets.UTF_8);
        }
        throw new UnreadableMessage("the message is neither text nor bytes");
    }

    private List<RefundRow> rows(Exchange exchange, String content, Message message)
            throws UnreadableMessage, JMSException {
        if (content.length() > LARGEST_BYTES) {
            throw new UnreadableMessage("the message is larger than " + LARGEST_BYTES + " characters");
        }
        try {
            JsonNode node = json.readTree(content);
            if (node != null && node.has("rows")) {
                return worked.toDo(checked(json.readValue(node, Chunk.class)));
            }
            String id = message.getJMSMessageID();
            if (id == null) {
                throw new UnreadableMessage(
                        "the message has no JMSMessageID, by which a redelivery is told from a new one");
            }
            List<RefundRow> rows = triggers(node, "jms-" + id.replaceFirst("^ID:", ""));
            exchange.setProperty(ReplyTo.PROPERTY, ReplyTo.of(message, node.isObject()));
            return rows;
        } catch (JsonProcessingException e) {
            throw new UnreadableMessage("the message is not the expected JSON");
        } catch (java.io.IOException e) {
            throw new UnreadableMessage("the message cannot be read");
        }
    }

    /** A chunk that the ledger can take, for anybody may have written it. */
    private static Chunk checked(Chunk chunk) throws UnreadableMessage {
        boolean usable = chunk.batch() != null && !chunk.batch().isBlank() && isText(chunk.batch())
                && chunk.rows() != null && chunk.rows().stream().allMatch(ChunkReader::isUsable);
        if (!usable) {
            throw new UnreadableMessage("the message has rows, but is not a chunk of a batch");
        }
        if (chunk.batch().getBytes(StandardCharsets.UTF_8).length > LONGEST_BATCH) {
            throw new UnreadableMessage("the chunk's batch is longer than " + LONGEST_BATCH + " bytes");
        }
        if (chunk.rows().size() > MOST_ROWS) {
            throw new UnreadableMessage("the chunk has more than " + MOST_ROWS + " rows");
        }
        return chunk;
    }

    private static boolean isUsable(Chunk.Row row) {
        if (row == null || row.rejection() != null) {
            return row != null && row.line() > 0 && isText(row.rejection());
        }
        return row.line() > 0 && row.referenceid() != null && row.ackno() != null
                && IdRule.rejection("referenceid", row.referenceid()) == null
                && IdRule.rejection("ackno", row.ackno()) == null;
    }

    /** Whether every database stores it as it is: it holds no NUL and no half of a character. */
    private static boolean isText(String text) {
        return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static List<RefundRow> triggers(JsonNode node, String batch) throws UnreadableMessage {
        if (node == null || !node.isObject() && !node.isArray() || node.isEmpty()) {
            throw new UnreadableMessage("the message is neither a JSON object nor an array of them");
        }
        if (node.isArray() && node.size() > MOST_ROWS) {
            throw new UnreadableMessage("the array is longer than " + MOST_ROWS + ": send several, or a file");
        }
        List<RefundRow> rows = new ArrayList<>();
        for (JsonNode trigger : node.isArray() ? node : List.of(node)) {
            String referenceid = id(trigger, "referenceid");
            String ackno = id(trigger, "ackno");
            String rejection = IdRule.rejection("referenceid", referenceid);
            rejection = rejection != null ? rejection : IdRule.rejection("ackno", ackno);
            rows.add(rejection == null
                    ? new RefundRow(batch, rows.size() + 1L, referenceid, ackno, false, null)
                    : new RefundRow(batch, rows.size() + 1L, GivenId.of(referenceid), GivenId.of(ackno), false,
                            rejection));
        }
        return rows;
    }

    private static String id(JsonNode trigger, String field) throws UnreadableMessage {
        JsonNode id = trigger.get(field);
        if (id == null || !id.isTextual() && !id.isIntegralNumber()) {
            throw new UnreadableMessage("each object needs " + field + " as a text or a whole number");
        }
        return id.asText();
    }
}
