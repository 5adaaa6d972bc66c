// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.util.List;

import center.bos.refund.problem.Problem;
import center.bos.refund.problem.Violation;

/** Thrown when a request is refused; holds the problem document for the caller. */
final class Refusal extends IOException {

    private final transient Problem problem;

    Refusal(int status, String detail) {
        this(Problem.of(status, detail));
    }

    Refusal(List<Violation> violations) {
        this(Problem.of(violations));
    }

    private Refusal(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
