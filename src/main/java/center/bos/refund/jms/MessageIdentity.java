// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;

import jakarta.jms.JMSException;
import jakarta.jms.Message;

import org.apache.commons.codec.digest.DigestUtils;

import center.bos.refund.ledger.IdInUse;

/**
 * Identifies a message, also when the broker delivers it again.
 *
 * @param id the message's id if its sender gave one, else a digest of the message
 * @param content digest of the request, which detects another message with a used id
 * @param isGiven whether the sender gave the id; otherwise an equal message may be another one
 */
record MessageIdentity(String id, String content, boolean isGiven) {
    private static final String NOT_TOLD_APART = "the message equals one that was accepted before as batch %s, so it is not sent:"
            + " give each message an id of its own (JMS: message ids enabled, AMQP: message-id, STOMP: correlation-id)";
    private static final String WITHOUT_ID = "the message has no JMSMessageID, without which a redelivery cannot be"
            + " recognised: enable message ids (JMS: setDisableMessageID(false), AMQP: message-id), or give it a"
            + " JMSCorrelationID of its own";
    /** Without slashes, because a channel may name a file by it. */
    private static final Pattern SHORT_AND_VISIBLE = Pattern.compile("[\\x21-\\x7e&&[^/\\\\]]{1,200}");

    static MessageIdentity of(Message message, String body) throws UnreadableMessage, JMSException {
        String correlation = message.getJMSCorrelationID();
        String content = digest(body, correlation);
        String given = givenId(message);
        if (given != null) {
            String id = given.replaceFirst("^ID:", "");
            return new MessageIdentity(SHORT_AND_VISIBLE.matcher(id).matches() ? id : digest(id), content, true);
        }
        String duplicateId = message.getStringProperty(DuplicateDetection.PROPERTY);
        if (correlation == null && duplicateId == null && !isToldByTime(message)) {
            throw new UnreadableMessage(WITHOUT_ID);
        }
        return new MessageIdentity(digest(content, duplicateId, Long.toString(message.getJMSTimestamp())), content,
                false);
    }

    /** Why a message is refused whose identity an accepted request has. */
    static String notToldApart(IdInUse taken) {
        return NOT_TOLD_APART.formatted(taken.id());
    }

    /** The id that the sender gave, or null. */
    static String givenId(Message message) throws JMSException {
        return Artemis.cameByAmqp(message) ? Artemis.amqpId(message) : message.getJMSMessageID();
    }

    /** STOMP has no message ids and AMQP may omit them; in JMS a sender can enable them. */
    private static boolean isToldByTime(Message message) throws JMSException {
        return message.getJMSTimestamp() != 0 && !Artemis.cameByItsOwnClient(message);
    }

    private static String digest(String... parts) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        for (String part : parts) {
            byte[] bytes = part == null ? new byte[0] : part.getBytes(StandardCharsets.UTF_8);
            digest.update((part == null ? "-" : bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
