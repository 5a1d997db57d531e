/* Names come from users, plug-ins and files, and what reads a format is a terminal, a browser, a spreadsheet
 * or the log of a CI: none may be made to do something by a name. */
#ifndef PB_REPORT_HARMLESS_H
#define PB_REPORT_HARMLESS_H

#include "base/buffer.h"

/* Appends text on one line as UTF-8, of what XML allows, without what acts on a terminal (pb_text_clean) and
   without "##[", by which GitHub's runner knows a command anywhere in a line. NULL: nothing. */
void pb_harmless(struct pb_buffer *, const char *text);

/* Changes, in place, what GitHub's runner takes for a command in the whole output of a format: "::" that
   begins a line becomes "?:", and "##[" becomes "##?". */
void pb_harmless_lines(struct pb_buffer *);

/* "<" as "&lt;" and so on, harmless: content or attribute of XML. */
void pb_harmless_xml(struct pb_buffer *, const char *text);
/* A cell of a Markdown table: what means something to Markdown stands after a backslash. */
void pb_harmless_markdown(struct pb_buffer *, const char *text);

#endif
