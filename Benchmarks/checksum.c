/* record_checksum(kind, key, version, revision, closed, expires, body, name, value, …): what the server keeps beside each
   row of SQLite (FNV-1a of 64 bits, RFC 9923 §2), for rows by the million. Index names come sorted. */
#include <sqlite3ext.h>
#include <stdint.h>
SQLITE_EXTENSION_INIT1

static uint64_t byte(uint64_t sum, uint8_t value) { return (sum ^ value) * 0x100000001B3ULL; }

static uint64_t bytes(uint64_t sum, sqlite3_value *value) {
  const uint8_t *data = sqlite3_value_blob(value);
  int count = sqlite3_value_bytes(value);
  for (int index = 0; index < count; index++) sum = byte(sum, data[index]);
  return sum;
}

static uint64_t number(uint64_t sum, sqlite3_value *value) {
  if (sqlite3_value_type(value) == SQLITE_NULL) return byte(sum, 0);
  uint64_t word = (uint64_t)sqlite3_value_int64(value);
  sum = byte(sum, 1);
  for (int shift = 0; shift < 64; shift += 8) sum = byte(sum, (uint8_t)(word >> shift));
  return sum;
}

static void checksum(sqlite3_context *context, int count, sqlite3_value **given) {
  uint64_t sum = 0xCBF29CE484222325ULL;
  for (int index = 0; index < 2; index++) sum = byte(bytes(sum, given[index]), 0);
  for (int index = 2; index < 6; index++) sum = number(sum, given[index]);
  for (int index = 7; index < count; index++) sum = byte(bytes(sum, given[index]), 0);
  sqlite3_result_int64(context, (int64_t)bytes(sum, given[6]));
}

int sqlite3_checksum_init(sqlite3 *database, char **message, const sqlite3_api_routines *api) {
  SQLITE_EXTENSION_INIT2(api);
  return sqlite3_create_function(
      database, "record_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, 0, checksum, 0, 0);
}
