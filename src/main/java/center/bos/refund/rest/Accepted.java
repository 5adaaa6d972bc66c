package center.bos.refund.rest;

import center.bos.refund.model.Batch;

/**
 * A batch that an operation accepted or opened.
 *
 * @param batch what is to be worked, or null when there is nothing to do
 * @param answer what the caller gets
 */
public record Accepted(Batch batch, Answer answer) {
}
