/**
 * Where journals are kept: ConfigMaps or files, behind core's {@code JournalStore}. Stores keep lines in order and
 * know nothing of their meaning but the epoch.
 */
package dev.wheelhouse.runtime.store;
