// SPDX-License-Identifier: Apache-2.0
/** What tests and benchmarks need around the product: a BOS that can do the worst, the packaged process, its files. */
package center.bos.refund.testkit;
