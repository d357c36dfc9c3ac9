/* What RUN steps are found to do, with the shipped tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fix/templates.h"
#include "model/facts.h"
#include "report/facts.h"

static struct arena arena, scratch;
static struct tables tables;

static int begin(void **state)
{
	struct templates *templates;
	struct str why = {"", 0};

	(void)state;
	arena_init(&arena, NULL, 0);
	arena_init(&scratch, NULL, 0);
	templates = ARENA_NEW(&arena, struct templates);
	if (!tables_read(&arena, &tables, templates_text, templates, STR(""), &why))
		fail_msg("%.*s", STR_ARG(why));
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(&scratch);
	arena_free(&arena);
	return 0;
}

static struct facts *read_text(struct str text)
{
	struct facts *f = ARENA_NEW(&arena, struct facts);
	struct document *doc = ARENA_NEW(&arena, struct document);
	struct stages *stages = ARENA_NEW(&arena, struct stages);
	struct workspace *workspace = ARENA_NEW(&arena, struct workspace);

	document_parse(&arena, doc, "Dockerfile", text);
	if (doc->error.message.n)
		fail_msg("%.*s", STR_ARG(doc->error.message));
	workspace_init(workspace, &arena, NULL, STR("Dockerfile"), text);
	stages_read(&arena, &scratch, doc, NULL, 0, stages);
	facts_read(f, &arena, &scratch, doc, workspace, &tables, stages, stages->n - 1, INS_NONE);
	return f;
}

/* The flags of all steps but those of how the text is written: "needs_root writes_tree". */
static void add_flags(struct buf *b, const struct facts *f)
{
	uint32_t flags = 0;

	for (size_t i = 0; i < f->runs.n; i++)
		flags |= f->runs.at[i].flags & ~(uint32_t)(RUN_APPENDABLE | RUN_EXEC | RUN_SCRIPT);
	for (const char *name; (name = facts_take_flag(&flags));)
		buf_printf(b, "%s%s", b->n ? " " : "", name);
}

/* "needs_root | directory:/a content:/b owner:/c=app": a '+' stands behind what is recursive and need not be. */
static struct str summary(const struct facts *f)
{
	struct buf b = buf_new(&arena);

	add_flags(&b, f);
	buf_printf(&b, "%s|", b.n ? " " : "");
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		bool said = m->kind >= MADE_OWNER;
		buf_printf(&b, " %s:%.*s", facts_made_name(m->kind), STR_ARG(m->path));
		if (m->owner.n)
			buf_printf(&b, "=%.*s", STR_ARG(m->owner));
		if (said && m->recursive)
			buf_char(&b, '+');
	}
	return buf_str(&b);
}

struct example {
	const char *run, *want;
};

/* Each step stands in an image of Debian, run by root, in /app. */
static void check(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str got = summary(read_text(arena_printf(
			&arena, "FROM debian:12\nARG VERSION\nENV NAME=web DIR=/srv/web\nWORKDIR /app\n%s\n",
			examples[i].run)));
		if (!str_eq(got, str_of(examples[i].want)))
			fail_msg("%s\n  is     %.*s\n  not    %s", examples[i].run, STR_ARG(got), examples[i].want);
	}
}

#define CHECK(...)                                                                                                     \
	do {                                                                                                           \
		static const struct example examples[] = {__VA_ARGS__};                                                \
		check(examples, sizeof examples / sizeof *examples);                                                   \
	} while (0)

static void downloads_go_where_their_options_say(void **state)
{
	(void)state;
	CHECK({"RUN curl -fsSL https://example.org/a.tgz", "|"}, /* to standard output */
	      {"RUN curl -fsSL -o a.tgz https://example.org/x", "writes_tree | content:/app/a.tgz"},
	      {"RUN curl -fsSLo /srv/app/a.tgz https://example.org/x", "writes_tree | content:/srv/app/a.tgz"},
	      {"RUN curl -oa.tgz https://example.org/x", "writes_tree | content:/app/a.tgz"},
	      {"RUN curl --output=b https://example.org/x", "writes_tree | content:/app/b"},
	      {"RUN curl --output b -H 'a: b' https://example.org/x", "writes_tree | content:/app/b"},
	      {"RUN curl -o - https://example.org/x", "|"}, {"RUN curl -o /dev/null https://example.org/x", "|"},
	      {"RUN curl -sO https://example.org/a.tgz", "writes_tree | content:/app/a.tgz"},
	      {"RUN curl -LO https://example.org/$NAME.tgz", "writes_tree | content:/app/web.tgz"},
	      {"RUN curl -LO https://example.org/$VERSION.tgz", "writes_tree |"},
	      {"RUN curl -LO https://example.org/download?id=1", "writes_tree |"},
	      {"RUN curl -LJO https://example.org/a.tgz", "writes_tree |"},
	      {"RUN curl --output-dir /data/x -O https://example.org/a.tgz", "writes_tree | content:/data/x/a.tgz"},
	      {"RUN curl -o /usr/local/bin/x https://example.org/x", "needs_root |"},
	      {"RUN wget https://example.org/a.tgz", "writes_tree | content:/app/a.tgz"},
	      {"RUN wget -q https://example.org/", "writes_tree |"}, {"RUN wget -qO- https://example.org/a.tgz", "|"},
	      {"RUN wget -O- https://example.org/a.tgz", "|"},
	      {"RUN wget -nv -O x https://example.org/a.tgz", "writes_tree | content:/app/x"},
	      {"RUN wget -qP /srv/web/x https://example.org/a.tgz", "writes_tree | content:/srv/web/x/a.tgz"},
	      {"RUN wget --directory-prefix=/srv/web/x https://example.org/a.tgz",
	       "writes_tree | content:/srv/web/x/a.tgz"},
	      {"RUN wget -r https://example.org/a.tgz", "writes_tree |"},
	      {"RUN wget https://example.org/a.tgz -P /tmp", "writes_tree |"});
}

static void archives_are_made_or_unpacked(void **state)
{
	(void)state;
	CHECK({"RUN tar xzf a.tgz", "writes_tree | filled:/app"},
	      {"RUN tar -xzf a.tgz -C /srv/web/x", "writes_tree | filled:/srv/web/x"},
	      {"RUN tar xzC /srv/web/x -f a.tgz", "writes_tree | filled:/srv/web/x"},
	      {"RUN tar xzfC a.tgz /srv/web/x", "writes_tree | filled:/srv/web/x"},
	      {"RUN curl -L https://example.org/a | tar xz -C /opt/x --strip-components 1",
	       "writes_tree | filled:/opt/x"},
	      {"RUN tar --extract --file=a.tar --directory=/srv/web/x", "writes_tree | filled:/srv/web/x"},
	      {"RUN tar czf /srv/web/a.tgz src", "writes_tree | content:/srv/web/a.tgz"}, {"RUN tar -c src | cat", "|"},
	      {"RUN tar tzf a.tgz", "|"}, {"RUN tar xzf a.tgz -C /usr/local", "needs_root |"},
	      {"RUN unzip -q a.zip -d /srv/web/x", "writes_tree | filled:/srv/web/x"},
	      {"RUN unzip -qd /srv/web/x a.zip", "writes_tree | filled:/srv/web/x"},
	      {"RUN unzip a.zip", "writes_tree | filled:/app"}, {"RUN unzip -l a.zip", "|"},
	      {"RUN gunzip a.gz", "writes_tree | content:/app/a"},
	      {"RUN gunzip -c a.gz > b", "writes_tree | content:/app/b"},
	      {"RUN 7z x a.7z -o/srv/web/x", "writes_tree | filled:/srv/web/x"},
	      {"RUN zip -r a.zip .", "writes_tree | content:/app/a.zip"});
}

static void copies_have_targets(void **state)
{
	(void)state;
	CHECK({"RUN cp a b", "writes_tree | filled:/app/b"},
	      {"RUN cp -r a /srv/web/x/", "writes_tree | filled:/srv/web/x/a"},
	      {"RUN cp *.conf /srv/web/x/", "writes_tree | filled:/srv/web/x=root"},
	      {"RUN cp *.conf /srv/web/x && cp -a *.so /srv/web/y",
	       "writes_tree | filled:/srv/web/x=root filled:/srv/web/y"},
	      {"RUN cp a b /srv/web/x", "writes_tree | filled:/srv/web/x/a filled:/srv/web/x/b"},
	      {"RUN cp -t /srv/web/x a b", "writes_tree | filled:/srv/web/x/a filled:/srv/web/x/b"},
	      {"RUN cp --target-directory=/srv/web/x a", "writes_tree | filled:/srv/web/x/a"},
	      {"RUN mv a b", "writes_tree | removed:/app/a+ filled:/app/b"}, {"RUN cp a /etc/b", "needs_root |"},
	      {"RUN mv a /usr/local/bin/", "needs_root | removed:/app/a+"},
	      {"RUN ln -s /usr/bin/python3 /usr/bin/python", "needs_root |"},
	      {"RUN ln -s /data/store store", "writes_tree | content:/app/store"},
	      {"RUN ln -s /data/store", "writes_tree | content:/app/store"},
	      {"RUN install -d -m 0750 -o www-data /srv/web/x",
	       "needs_root writes_tree | directory:/srv/web/x mode:/srv/web/x=0750 owner:/srv/web/x=www-data"},
	      {"RUN install -m755 a /usr/local/bin/a", "needs_root | mode:/usr/local/bin/a=755"},
	      {"RUN install -o app -m 0700 -t /srv/web/x a b",
	       "needs_root writes_tree | filled:/srv/web/x/a mode:/srv/web/x/a=0700 owner:/srv/web/x/a=app filled:/srv/web/x/b "
	       "mode:/srv/web/x/b=0700 owner:/srv/web/x/b=app"},
	      {"RUN chmod 700 a && cp a b && mv b /srv/web/x/",
	       "writes_tree | mode:/app/a=700 filled:/app/b mode:/app/b=700 removed:/app/b+ filled:/srv/web/x/b "
	       "mode:/srv/web/x/b=700"},
	      {"RUN chmod -R 700 x && cp x/a b", "writes_tree | mode:/app/x=700+ filled:/app/b mode:/app/b=700"},
	      {"RUN mkdir -p -m 700 a /app/b",
	       "writes_tree | directory:/app/a mode:/app/a=700 directory:/app/b mode:/app/b=700"},
	      {"RUN mkdir --mode=700 a", "writes_tree | directory:/app/a mode:/app/a=700"},
	      {"RUN mkdir -p $DIR/x $VERSION/y", "writes_tree | directory:/srv/web/x"},
	      {"RUN touch -d 2020-01-01 a", "writes_tree | file:/app/a"},
	      {"RUN git clone https://example.org/x/y.git", "writes_tree minds_owner | filled:/app/y"},
	      {"RUN git clone --depth 1 -b v1 https://example.org/x/y z", "writes_tree minds_owner | filled:/app/z"},
	      {"RUN git -C /srv/web/x clone https://example.org/x/y.git/",
	       "writes_tree minds_owner | filled:/srv/web/x/y"},
	      {"RUN git clone https://example.org/$VERSION", "writes_tree minds_owner |"});
}

static void build_tools_write_below_their_directory(void **state)
{
	(void)state;
	CHECK({"RUN npm run build", "writes_tree npm | tree:/app"},
	      {"RUN npm ci", "writes_tree npm | quiet:/app/node_modules"},
	      {"WORKDIR /\nRUN npm ci", "needs_root writes_tree npm | quiet:/node_modules"},
	      {"RUN npm --prefix web ci", "writes_tree npm | quiet:/app/web/node_modules"},
	      {"RUN npm ci --prefix=/srv/web/x", "writes_tree npm | quiet:/srv/web/x/node_modules"},
	      {"RUN python manage.py collectstatic", "writes_tree | tree:/app"},
	      {"RUN pip install -r requirements.txt", "needs_root |"},
	      {"RUN pip install --target=/srv/web/x flask", "writes_tree | quiet:/srv/web/x"},
	      {"RUN pip install -t lib flask", "writes_tree | quiet:/app/lib"},
	      {"RUN pip3 install --prefix /usr/local flask", "needs_root writes_tree |"},
	      {"RUN python3 -m venv /srv/web/venv && /srv/web/venv/bin/pip install flask",
	       "writes_tree | quiet:/srv/web/venv"},
	      {"RUN python3 -m venv venv && . venv/bin/activate && pip install flask", "writes_tree | quiet:/app/venv"},
	      {"RUN python3 -u -m pip install flask", "needs_root |"},
	      {"RUN python setup.py install", "needs_root writes_tree | tree:/app"},
	      {"RUN go build -o /srv/web/server ./cmd", "writes_tree minds_owner | content:/srv/web/server"},
	      {"RUN go build -ldflags \"-s -w\" -o=server .", "writes_tree minds_owner | content:/app/server"},
	      {"RUN go build -o /usr/local/bin/server .", "needs_root writes_tree minds_owner |"},
	      {"RUN dotnet publish -c Release -o /srv/web/out", "writes_tree | tree:/srv/web/out"},
	      {"RUN make -j4", "writes_tree |"},
	      {"RUN ./configure && make && make -C src install", "needs_root writes_tree |"},
	      {"RUN cmake --build . --target install", "needs_root writes_tree |"},
	      {"RUN gcc -O2 -o server a.c", "writes_tree | content:/app/server"},
	      {"RUN gcc a.c -o /usr/local/bin/server", "needs_root writes_tree |"});
}

static void files_are_edited(void **state)
{
	(void)state;
	CHECK({"RUN sed 's/a/b/' x", "|"},
	      {"RUN sed -i 's/a/b/' x /srv/web/y", "writes_tree | content:/app/x content:/srv/web/y"},
	      {"RUN sed -ri -e 's/a/b/' x", "writes_tree | content:/app/x"},
	      {"RUN sed -i.bak 's/a/b/' /etc/x", "needs_root |"},
	      {"RUN sed -i 's/a/b/' /etc/x/*.conf", "needs_root writes_tree |"},
	      {"RUN perl -pi -e 's/a/b/' x", "writes_tree | content:/app/x"},
	      {"RUN echo a | tee -a x", "writes_tree | content:/app/x"},
	      {"RUN dd if=/dev/zero of=x bs=1M count=1", "writes_tree | content:/app/x"},
	      {"RUN echo a > x", "writes_tree | content:/app/x"}, {"RUN echo a >> /etc/x 2>&1", "needs_root |"},
	      {"RUN echo a 2>/dev/null", "|"}, {"RUN echo a > ~/x", "needs_root writes_tree | content:/root/x"});
}

static void owners_and_removals(void **state)
{
	(void)state;
	CHECK({"RUN chown -R app:app /srv/web/x", "needs_root | owner:/srv/web/x=app:app+"},
	      {"RUN chown --recursive 10:10 a b", "needs_root | owner:/app/a=10:10+ owner:/app/b=10:10+"},
	      {"RUN chown -R app /srv/web/*", "needs_root |"}, /* not the directory itself */
	      {"RUN chown --reference=a b", "needs_root |"}, {"RUN chgrp -R 0 /srv/web", "needs_root |"},
	      {"RUN chmod +x run.sh", "| mode:/app/run.sh=+x"}, {"RUN chmod -x run.sh", "| mode:/app/run.sh=-x"},
	      {"RUN chmod -R 755 .", "needs_root | mode:/app=755+"},
	      {"RUN chmod +x /usr/local/bin/x", "needs_root | mode:/usr/local/bin/x=+x"},
	      {"RUN rm -rf /srv/web/x", "| removed:/srv/web/x+"}, {"RUN rm -rf /srv/web/*", "|"},
	      {"RUN rm -rf /var/lib/apt/lists/*", "needs_root |"}, {"RUN rm -rf /tmp/*", "|"},
	      {"RUN rmdir x", "| removed:/app/x"});
}

static void the_directory_is_followed(void **state)
{
	(void)state;
	CHECK({"RUN cd /srv/web && mkdir a", "writes_tree | directory:/srv/web/a"},
	      {"RUN mkdir -p b && cd b && mkdir a", "writes_tree | directory:/app/b directory:/app/b/a"},
	      {"RUN cd /srv/web; cd -; mkdir a", "writes_tree |"},
	      {"RUN pushd /srv/web && mkdir a && popd && mkdir b", "writes_tree |"},
	      {"RUN cd && mkdir a", "needs_root writes_tree | directory:/root/a"},
	      {"RUN (cd /srv/web && mkdir a) && mkdir b", "writes_tree | directory:/srv/web/a directory:/app/b"},
	      {"RUN (cd /srv/web; mkdir a); (mkdir b)", "writes_tree | directory:/srv/web/a directory:/app/b"},
	      {"RUN x=$(cd /srv/web && pwd) && mkdir b", "writes_tree | directory:/app/b"},
	      {"RUN if true; then cd /srv/web; fi; mkdir b", "writes_tree |"},
	      {"RUN cd /srv/web || exit 1; mkdir b", "writes_tree | directory:/srv/web/b"},
	      {"RUN sh -c 'cd /srv/web && mkdir a' && mkdir b", "writes_tree | directory:/srv/web/a directory:/app/b"},
	      {"RUN for x in 1 2; do cd $x; done; mkdir b", "writes_tree |"},
	      {"WORKDIR $VERSION\nRUN mkdir b", "writes_tree |"});
}

static void variables_that_may_not_be_set_are_unknown(void **state)
{
	(void)state;
	CHECK({"RUN X=/srv/web/x; mkdir $X", "writes_tree | directory:/srv/web/x"},
	      {"RUN export X=/srv/web/x && mkdir $X", "writes_tree | directory:/srv/web/x"},
	      {"RUN if true; then X=/srv/web/x; else X=/srv/web/y; fi; mkdir $X", "writes_tree |"},
	      {"RUN read DIR; mkdir $DIR", "writes_tree |"},
	      {"RUN X='/srv/web/x /srv/web/y'; mkdir $X \"$X\"", "writes_tree | directory:/srv/web/x /srv/web/y"},
	      {"RUN X=/srv/web/*; rm -r $X", "|"}, {"RUN mkdir $HOME/x", "needs_root writes_tree | directory:/root/x"});
}

static void sudo_and_other_users(void **state)
{
	(void)state;
	CHECK({"RUN sudo apt-get install -y curl", "sudo |"},
	      {"RUN sudo mkdir -p /etc/x /srv/web/x", "writes_tree sudo | directory:/srv/web/x"},
	      {"RUN sudo -E bash -c 'useradd app'", "sudo |"}, {"RUN echo a | sudo tee /etc/x", "sudo |"},
	      {"RUN sudo -u app mkdir /srv/web/x", "writes_tree sudo |"},
	      {"RUN sudo --user=app npm ci", "writes_tree npm sudo |"},
	      {"RUN su app -c 'mkdir x && /usr/bin/strange'", "needs_root writes_tree |"},
	      {"RUN su - -c 'mkdir x'", "needs_root writes_tree | directory:/app/x"},
	      {"RUN gosu app mkdir x", "needs_root writes_tree |"},
	      {"RUN gosu root mkdir x", "writes_tree | directory:/app/x"},
	      {"RUN runuser -u app -- mkdir x", "needs_root writes_tree |"},
	      {"RUN fakeroot apt-get install -y curl", "|"});
}

static void what_proves_that_it_is_root(void **state)
{
	(void)state;
	CHECK({"RUN apt-get update && apt-get install -y curl", "needs_root installs_packages proves_root |"},
	      {"RUN apt-get update; apt-get install -y curl || true", "needs_root installs_packages proves_root |"},
	      {"RUN apt-get install -y curl || true", "needs_root installs_packages |"},
	      {"RUN if command -v apk; then apk add curl; fi", "needs_root installs_packages |"},
	      {"RUN f() { apk add curl; }; f", "needs_root installs_packages |"},
	      {"RUN groupadd app", "needs_root proves_root |"},
	      {"RUN [\"apt-get\", \"install\", \"curl\"]", "needs_root installs_packages proves_root |"},
	      {"RUN bash -c 'dnf install -y curl'", "needs_root installs_packages proves_root |"},
	      {"RUN apt-get clean", "needs_root |"}, {"RUN chown app /srv/web/x", "needs_root | owner:/srv/web/x=app"});
}

static void packages_of_programs_that_need_root(void **state)
{
	(void)state;
	struct facts *f = read_text(
		STR("FROM debian:12\nRUN apt-get -o A=b install -y --no-install-recommends curl cron=3.0* -t x\n"));

	assert_true(f->runs.at[0].flags & RUN_ROOT_PACKAGE);
	assert_true(str_eq(f->runs.at[0].words->package, STR("cron")));
	CHECK({"RUN apk add --no-cache -t .deps tcpdump@edge",
	       "needs_root installs_packages proves_root root_package |"},
	      {"RUN apk add --virtual cron curl", "needs_root installs_packages proves_root |"},
	      {"RUN apt-get remove -y cron", "needs_root installs_packages proves_root |"},
	      {"ENV LIST=\"curl cron\"\nRUN apt-get install -y $LIST",
	       "needs_root installs_packages proves_root root_package |"},
	      {"RUN yum -y install nodejs", "needs_root installs_packages proves_root |"});
}

static void root_is_needed_where_the_system_owns(void **state)
{
	(void)state;
	CHECK({"RUN mkdir /build", "needs_root writes_tree | directory:/build"},
	      {"RUN mkdir -p /srv/web/x", "writes_tree | directory:/srv/web/x"},
	      {"RUN echo 1 > /version", "needs_root writes_tree | content:/version"},
	      {"RUN mkdir -p /var/lib/web", "needs_root writes_tree | directory:/var/lib/web"},
	      {"RUN mkdir /opt/x /tmp/y /home/z", "needs_root writes_tree | directory:/opt/x directory:/home/z"},
	      {"RUN mkdir /home/z/x", "writes_tree | directory:/home/z/x"},
	      {"RUN cp a /usr/local/$VERSION/x", "needs_root writes_tree |"},
	      {"RUN mkdir -p /usr/app", "needs_root writes_tree | directory:/usr/app"},
	      {"RUN update-ca-certificates", "needs_root |"});
}

static void commands_behind_find_and_xargs(void **state)
{
	(void)state;
	CHECK({"RUN find . -type f -exec chmod 644 {} +", "|"},
	      {"RUN find /usr -name '*.pyc' -exec rm {} \\;", "needs_root |"},
	      {"RUN find . -exec chown app {} \\;", "needs_root |"},
	      {"RUN find /usr -name '*.pyc' -delete", "needs_root |"},
	      {"RUN find . -execdir /srv/web/strange {} \\;", "opaque |"}, {"RUN ls | xargs rm -f", "|"},
	      {"RUN ls | xargs -n1 chown app", "needs_root |"},
	      {"RUN ls | xargs -I{} cp {} /usr/local/bin/", "needs_root |"});
}

static void here_documents(void **state)
{
	(void)state;
	CHECK({"RUN <<EOF\nmkdir a\napt-get update\nEOF",
	       "needs_root writes_tree installs_packages proves_root | directory:/app/a"},
	      {"RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF", "opaque |"},
	      {"RUN <<EOF\n#!/bin/bash -e\nmkdir a\nEOF", "writes_tree | directory:/app/a"},
	      {"RUN bash <<EOF\nmkdir a\nEOF", "writes_tree | directory:/app/a"},
	      {"RUN bash -e <<EOF && mkdir b\nmkdir a\nEOF", "writes_tree | directory:/app/a directory:/app/b"},
	      {"RUN python3 <<EOF\nprint('mkdir /etc/x')\nEOF", "writes_tree | tree:/app"},
	      {"RUN cat <<EOF > x\nmkdir a\nEOF", "writes_tree | content:/app/x"},
	      {"RUN <<EOF cat > /etc/x\nmkdir a\nEOF", "needs_root |"},
	      {"RUN cat <<A > x && sh <<B\nmkdir a\nA\nmkdir b\nB", "writes_tree | content:/app/x directory:/app/b"},
	      {"RUN <<EOF\ncat <<X > y\nmkdir a\nX\nsh <<Y\nmkdir b\nY\nEOF",
	       "writes_tree | content:/app/y directory:/app/b"},
	      {"RUN sh <<< 'mkdir a'", "writes_tree | directory:/app/a"});
}

static void other_shells(void **state)
{
	(void)state;
	CHECK({"SHELL [\"powershell\", \"-Command\"]\nRUN mkdir a", "opaque |"},
	      {"SHELL [\"/usr/bin/python3\", \"-c\"]\nRUN mkdir('a')", "opaque |"},
	      {"SHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN mkdir a", "writes_tree | directory:/app/a"},
	      {"SHELL [\"powershell\", \"-Command\"]\nRUN [\"mkdir\", \"a\"]", "writes_tree | directory:/app/a"});
	assert_true(read_text(STR("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN mkdir a\n"))->made.n == 0);
}

static void mounts_are_not_in_the_image(void **state)
{
	(void)state;
	CHECK({"RUN --mount=type=cache,target=/app/cache mkdir -p cache/x y", "writes_tree | directory:/app/y"},
	      {"RUN --mount=type=bind,target=. --mount=type=tmpfs,dst=/srv/web/t touch a /srv/web/t/b", "|"},
	      {"RUN --mount=type=cache,target=/srv/web/c npm ci --prefix /srv/web/c/x", "writes_tree npm |"},
	      {"RUN mkdir -p cache/x", "writes_tree | directory:/app/cache/x"},
	      {"RUN hf download a", "writes_home |"},
	      {"RUN --mount=type=cache,target=/root/.cache hf download a", "|"},
	      {"RUN --mount=type=cache,target=/root/.cache/huggingface hf download a", "|"},
	      {"RUN --mount=type=cache,target=/root/.cache/pip hf download a", "writes_home |"});
}

static void unknown_commands_are_opaque(void **state)
{
	(void)state;
	CHECK({"RUN ./strange", "opaque |"}, {"RUN curl -L https://example.org/x | sh", "opaque |"},
	      {"RUN curl -L https://example.org/x | python3 -", "opaque writes_tree | tree:/app"},
	      {"RUN sh setup.sh", "opaque |"}, {"RUN . ./setup.sh && mkdir a", "opaque writes_tree | directory:/app/a"},
	      {"COPY setup.sh .\nRUN . ./setup.sh", "opaque |"}, /* nobody can read it from here */
	      {"RUN source <(curl -L https://example.org/x)", "opaque |"},
	      {"RUN . /etc/os-release && source venv/bin/activate && . \"$NVM_DIR/nvm.sh\"", "|"}, {"RUN f() { mkdir a; }; f", "writes_tree | directory:/app/a"},
	      {"RUN function f { mkdir a; }; f", "writes_tree | directory:/app/a"},
	      {"RUN bash -c \"mkdir $DIR/x\"", "writes_tree | directory:/srv/web/x"},
	      {"RUN bash -c \"mkdir $VERSION\"", "opaque writes_tree |"}, {"RUN if true; then", "unreadable |"});
}

/* Some 2000 repetitions cost about ten times as much as 200. */
static double seconds(const char *head, const char *part, int n, const char *tail)
{
	struct buf b = buf_new(&arena);

	buf_printf(&b, "FROM debian:12\nWORKDIR /app\n%s", head);
	for (int i = 0; i < n; i++)
		buf_printf(&b, "%s", part);
	buf_printf(&b, "%s\n", tail);
	clock_t start = clock();
	read_text(buf_str(&b));
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void long_steps_take_linear_time(void **state)
{
	static const char *const parts[][3] = {
		{"RUN mkdir", " \\\n a", ""},
		{"RUN true", " && \\\n cd a", " && mkdir b"},
		{"RUN", " \\\n find -exec", " x"},
		{"RUN", " \\\n sudo", " x"},
		{"RUN", " \\\n python -m", " x"},
		{"RUN true", " && \\\n ( cd a; b )", ""},
		{"RUN X=a", " && \\\n X=$X$X", " && mkdir $X"},
		{"RUN cp -t", " \\\n a", " b"},
		{"RUN curl", " \\\n -o", " b"},
		{"", "RUN a --b c\n", ""},
		{"RUN true", " && \\\n cat <<< A", ""},
		{"RUN --mount=type=cache,target=/a", " \\\n --mount=target=/b", " mkdir x"}};

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		double few = seconds(parts[i][0], parts[i][1], 1000, parts[i][2]);
		double many = seconds(parts[i][0], parts[i][1], 16000, parts[i][2]);
		if (many > 0.1 && many > few * 60)
			fail_msg("%s%s…: %.3f s, then %.3f s", parts[i][0], parts[i][1], few, many);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(downloads_go_where_their_options_say, begin, end),
		cmocka_unit_test_setup_teardown(archives_are_made_or_unpacked, begin, end),
		cmocka_unit_test_setup_teardown(copies_have_targets, begin, end),
		cmocka_unit_test_setup_teardown(build_tools_write_below_their_directory, begin, end),
		cmocka_unit_test_setup_teardown(files_are_edited, begin, end),
		cmocka_unit_test_setup_teardown(owners_and_removals, begin, end),
		cmocka_unit_test_setup_teardown(the_directory_is_followed, begin, end),
		cmocka_unit_test_setup_teardown(variables_that_may_not_be_set_are_unknown, begin, end),
		cmocka_unit_test_setup_teardown(sudo_and_other_users, begin, end),
		cmocka_unit_test_setup_teardown(what_proves_that_it_is_root, begin, end),
		cmocka_unit_test_setup_teardown(packages_of_programs_that_need_root, begin, end),
		cmocka_unit_test_setup_teardown(root_is_needed_where_the_system_owns, begin, end),
		cmocka_unit_test_setup_teardown(commands_behind_find_and_xargs, begin, end),
		cmocka_unit_test_setup_teardown(here_documents, begin, end),
		cmocka_unit_test_setup_teardown(other_shells, begin, end),
		cmocka_unit_test_setup_teardown(mounts_are_not_in_the_image, begin, end),
		cmocka_unit_test_setup_teardown(unknown_commands_are_opaque, begin, end),
		cmocka_unit_test_setup_teardown(long_steps_take_linear_time, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
