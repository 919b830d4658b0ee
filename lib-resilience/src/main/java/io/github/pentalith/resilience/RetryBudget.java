// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/** A bound on retries as a share of the requests. */
@SuppressWarnings("DoNotCallSuggester")
public final class RetryBudget {
    private RetryBudget() {}

    /**
     * A budget of retries as a share of requests.
     *
     * @param ratio retries per request, in [0, 1]
     * @return the budget
     */
    public static RetryBudget ratio(double ratio) {
        throw new UnsupportedOperationException();
    }

    /** {@return a budget that allows every retry} */
    public static RetryBudget unlimited() {
        throw new UnsupportedOperationException();
    }
}
