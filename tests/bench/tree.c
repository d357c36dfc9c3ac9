#include "bench.h"

#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

struct writer {
	FILE *f;
	struct random random;
};

static const char *pick(struct writer *w, const char *const *list, size_t n)
{
	return list[random_below(&w->random, n)];
}
#define PICK(w, list) pick((w), (list), sizeof(list) / sizeof *(list))

static bool one_in(struct writer *w, size_t n)
{
	return random_one_in(&w->random, n);
}

static const char *const names[] = {"api", "web", "worker", "app", "server", "backend", "frontend", "proxy"};
static const char *const comments[] = {
	"# Dependencies come first, so that their layer is cached.",
	"# syntax and tooling",
	"# Copy the rest of the sources",
	"# The port that the load balancer talks to",
};

static void maybe_comment(struct writer *w)
{
	if (one_in(w, 3))
		fprintf(w->f, "%s%s\n", one_in(w, 2) ? "\n" : "", PICK(w, comments));
}

static void packages(struct writer *w, bool alpine)
{
	static const char *const some[] = {"curl", "git", "ca-certificates", "build-essential", "libpq-dev", "tzdata"};
	maybe_comment(w);
	fputs(alpine ? "RUN apk add --no-cache" : "RUN apt-get update && apt-get install -y --no-install-recommends",
	      w->f);
	for (size_t i = 1 + random_below(&w->random, 6); i > 0; i--)
		fprintf(w->f, " \\\n    %s", PICK(w, some));
	fputs(alpine ? "\n" : " \\\n && rm -rf /var/lib/apt/lists/*\n", w->f);
}

static void user(struct writer *w)
{
	if (!one_in(w, 5))
		return;
	const char *name = PICK(w, names);
	fprintf(w->f, "RUN useradd --create-home %s\nUSER %s\n", name, name);
}

static void python(struct writer *w)
{
	static const char *const images[] = {"python:3.12-slim", "python:3.9", "python:3.11-alpine",
					     "python:3.10-slim-buster"};
	const char *image = PICK(w, images);
	fprintf(w->f, "FROM %s\n", image);
	fputs("ENV PYTHONUNBUFFERED=1 \\\n    PYTHONDONTWRITEBYTECODE=1\nWORKDIR /app\n", w->f);
	if (one_in(w, 2))
		packages(w, strstr(image, "alpine") != NULL);
	fputs("COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n", w->f);
	maybe_comment(w);
	fprintf(w->f, "COPY . .\nEXPOSE %zu\n", one_in(w, 4) ? 80 : 5000 + random_below(&w->random, 4000));
	user(w);
	fprintf(w->f, "CMD [\"gunicorn\", \"--bind\", \"0.0.0.0:%s\", \"%s:app\"]\n", one_in(w, 4) ? "80" : "8000",
		PICK(w, names));
}

static void node(struct writer *w)
{
	static const char *const images[] = {"node:20-slim", "node:18-alpine", "node:22", "node:lts", "node:16"};
	if (one_in(w, 2)) {
		fprintf(w->f, "FROM %s AS build\nWORKDIR /usr/src/app\nCOPY package*.json ./\n", PICK(w, images));
		fputs("RUN npm ci\nCOPY . .\nRUN npm run build\n\nFROM nginx:1.25-alpine\n", w->f);
		fputs("COPY --from=build /usr/src/app/dist /usr/share/nginx/html\nEXPOSE 80\n", w->f);
		fputs("CMD [\"nginx\", \"-g\", \"daemon off;\"]\n", w->f);
		return;
	}
	fprintf(w->f, "FROM %s\nENV NODE_ENV production\nWORKDIR /usr/src/app\n", PICK(w, images));
	fputs("COPY package*.json ./\nRUN npm ci --omit=dev\nCOPY . .\nEXPOSE 3000\nCMD [\"node\", \"server.js\"]\n",
	      w->f);
}

static void golang(struct writer *w)
{
	static const char *const finals[] = {"scratch", "alpine:3.19", "gcr.io/distroless/static-debian12",
					     "debian:bookworm-slim"};
	const char *name = PICK(w, names);
	fprintf(w->f, "# syntax=docker/dockerfile:1\nARG GO_VERSION=1.22\nFROM golang:${GO_VERSION} AS build\nWORKDIR "
		      "/src\n");
	fprintf(w->f, "COPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod go mod download\nCOPY . .\n");
	fprintf(w->f, "RUN CGO_ENABLED=0 go build -o /out/%s ./cmd/%s\n\nFROM %s\n", name, name, PICK(w, finals));
	fprintf(w->f, "COPY --from=build /out/%s /%s\nENTRYPOINT [\"/%s\"]\n", name, name, name);
}

static void java(struct writer *w)
{
	static const char *const images[] = {"eclipse-temurin:17-jre", "openjdk:11-jre-slim", "amazoncorretto:21"};
	fprintf(w->f, "FROM maven:3.9-eclipse-temurin-17 AS build\nWORKDIR /build\nCOPY pom.xml .\nCOPY src ./src\n");
	fprintf(w->f, "RUN mvn -q package -DskipTests\nFROM %s\nARG JAR_FILE=target/*.jar\n", PICK(w, images));
	fprintf(w->f, "COPY --from=build /build/${JAR_FILE} app.jar\nVOLUME /tmp\nEXPOSE 8080\n");
	fprintf(w->f, "ENTRYPOINT [\"java\",\"-jar\",\"/app.jar\"]\n");
}

static void debian(struct writer *w)
{
	static const char *const images[] = {"debian:bookworm", "ubuntu:22.04", "ubuntu:24.04", "debian:bullseye-slim"};
	const char *name = PICK(w, names);
	fprintf(w->f, "FROM %s\nLABEL maintainer=\"team@example.org\" version=\"1.0\"\n", PICK(w, images));
	packages(w, false);
	if (one_in(w, 4))
		fputs("RUN <<EOF\nset -e\nmkdir -p /data /var/log/app\nEOF\n", w->f);
	fprintf(w->f, "ADD https://example.org/%s.tar.gz /opt/\nCOPY %s /usr/local/bin/%s\n", name, name, name);
	fprintf(w->f, "HEALTHCHECK --interval=30s CMD curl -f http://localhost:8080/ || exit 1\n");
	user(w);
	fprintf(w->f, "CMD %s --verbose --config /etc/%s.conf\n", name, name);
}

static void alpine(struct writer *w)
{
	fputs("FROM alpine:3.19\n", w->f);
	packages(w, true);
	maybe_comment(w);
	fprintf(w->f, "WORKDIR /srv\nCOPY bin/%s .\nCOPY entrypoint.sh /\n", PICK(w, names));
	fputs("RUN chmod +x /entrypoint.sh\nENTRYPOINT [\"/entrypoint.sh\"]\n", w->f);
}

static void (*const kinds[])(struct writer *) = {python, python, node, node, golang, java, debian, debian, alpine};

static struct writer writer_open(const char *path, uint64_t seed)
{
	struct writer w = {fopen(path, "wb"), {seed}};
	if (!w.f) {
		perror(path);
		exit(1);
	}
	return w;
}

static void writer_close(struct writer *w)
{
	if (fclose(w->f) != 0) {
		perror("cannot write");
		exit(1);
	}
}

/* Where file `i` of a tree stands. */
static const char *place_of(char *path, size_t size, const char *folder, size_t i)
{
	snprintf(path, size, "%s/group%zu/service%zu/Dockerfile", folder, i / 40, i);
	return path;
}

size_t tree_copy(struct arena *a, const char *folder, const char *from, size_t files)
{
	struct paths paths = {0};
	char path[512];
	size_t i = 0;
	for (paths_below(a, from, "", &paths); i < paths.n && i < files; i++)
		file_put(place_of(path, sizeof path, folder, i), file_bytes(a, paths.at[i]));
	return i;
}

void tree_make(const char *folder, size_t files)
{
	for (size_t i = 0; i < files; i++) {
		char path[512];
		file_put(place_of(path, sizeof path, folder, i), STR(""));
		struct writer w = writer_open(path, i + 1);
		kinds[random_below(&w.random, sizeof kinds / sizeof *kinds)](&w);
		writer_close(&w);
	}
}

void file_of_one(const char *path, const char *instruction, size_t bytes)
{
	struct writer w = writer_open(path, 0);
	size_t n = (size_t)fprintf(w.f, "FROM debian:bookworm\n");
	while (n < bytes)
		n += (size_t)fprintf(w.f, "%s\n", instruction);
	writer_close(&w);
}

void file_of_same(const char *path, const char *first, const char *instruction, size_t count, const char *last)
{
	struct writer w = writer_open(path, 0);
	fprintf(w.f, "%s\n", first);
	for (size_t i = 0; i < count; i++)
		fprintf(w.f, "%s\n", instruction);
	fprintf(w.f, "%s", last);
	writer_close(&w);
}

void file_of_many(const char *path, size_t count)
{
	static const char *const forms[] = {
		"RUN echo step%zu\n",		"COPY src%zu /app/\n",	"ENV NAME%zu=value\n", "WORKDIR /app/dir%zu\n",
		"RUN mkdir -p /data/d%zu\n",	"LABEL key%zu=value\n", "ARG ARG%zu\n",	       "ADD file%zu /opt/\n",
		"RUN [\"true\", \"arg%zu\"]\n", "EXPOSE %zu\n",
	};
	struct writer w = writer_open(path, 1);
	fputs("FROM debian:bookworm\n", w.f);
	for (size_t i = 2; i < count; i++)
		fprintf(w.f, PICK(&w, forms), i % 60000 + 1);
	fputs("CMD [\"true\"]\n", w.f);
	writer_close(&w);
}
