/* Text for terminals. Names are untrusted: whatever goes through here comes out without control characters,
 * escape sequences and invisible characters, and within a width. */
#ifndef PB_REPORT_TEXT_H
#define PB_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Columns that cleaned text takes. Wide East Asian characters and emoji count two. */
size_t pb_text_width(const char *text);
/* Appends text, cleaned: what is unsafe becomes '?'; without utf8 the signs that the report itself uses are
   spelt in ASCII ("±": "+-"), others become '?'. */
void pb_text_clean(struct pb_buffer *, const char *text, bool utf8);
/* The same in at most `width` columns: too long a text loses its middle. */
void pb_text_fit(struct pb_buffer *, const char *text, size_t width, bool utf8);
/* Appends text, cleaned, in lines of at most `width` columns, broken at spaces, or within words that are
   longer; later lines begin with `indent` spaces. Ends with a newline. */
void pb_text_wrap(struct pb_buffer *, const char *text, size_t width, size_t indent, bool utf8);
/* The same for parts with " · " between them: a part that does not fit a line begins the next, without the
   sign. */
void pb_text_wrap_parts(struct pb_buffer *, const char *text, size_t width, size_t indent, bool utf8);
/* Appends `count` spaces. */
void pb_text_pad(struct pb_buffer *, size_t count);

#endif
