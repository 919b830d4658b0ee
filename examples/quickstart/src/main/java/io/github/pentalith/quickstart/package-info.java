// SPDX-License-Identifier: Apache-2.0
/** The snippets of README and guide, compiled and run. */
package io.github.pentalith.quickstart;
