"""Gitea's and Forgejo's API, as far as unroot-bot needs it (their swagger.json)."""

import re
import urllib.parse

from forge import Forge, Refused


class Gitea(Forge):
    api_path = '/api/v1'
    scheme = 'token'
    kind = 'gitea'
    token_name = 'GITEA_TOKEN'
    api_name = 'GITEA_API_URL'
    page = 2  # a small one, so that paging is seen

    def repository_json(self, r):
        return {'id': r.number, 'full_name': r.full_name, 'name': r.name, 'owner': {'login': r.owner},
                'default_branch': r.branch, 'clone_url': f'{self.url}/{r.full_name}.git', 'archived': r.archived,
                'permissions': {'admin': False, 'push': not r.read_only, 'pull': True}}

    def request_json(self, repository, request):
        source = self.repositories[request['source']]
        gone = not source.commit_of(request['branch'])
        return {'number': request['number'], 'state': request['state'], 'merged': request['merged'],
                'title': request['title'], 'body': request['body'],
                'html_url': f"{self.url}/{repository.full_name}/pulls/{request['number']}",
                'labels': [{'id': self.label_id(name), 'name': name} for name in request['labels']],
                'head': {'label': request['branch'], 'repo_id': source.number,
                         'ref': f"refs/pull/{request['number']}/head" if gone else request['branch'],
                         'repo': {'full_name': source.full_name}},
                'base': {'ref': request['base'], 'label': request['base']}}

    @staticmethod
    def label_id(name):
        return sum(name.encode()) + 1

    def handle(self, method, path, query, body):
        if (method, path) == ('GET', '/user'):
            return 200, {'login': self.login}
        match = re.fullmatch(r'/repos/([^/]+/[^/]+)(?:/(.*))?', path)
        if not match:
            raise Refused(404, 'Not Found')
        repository, rest = self.find(urllib.parse.unquote(match[1])), match[2] or ''
        for pattern, verb, function in self.routes:
            found = re.fullmatch(pattern, rest)
            if found and verb == method:
                return function(self, repository, query, body, *map(urllib.parse.unquote, found.groups()))
        raise Refused(404, 'Not Found')

    def get_repository(self, repository, query, body):
        return 200, self.repository_json(repository)

    def list_requests(self, repository, query, body):
        start = (int(query.get('page', 1)) - 1) * self.page
        found = list(reversed(repository.requests))[start:start + self.page]
        return 200, [self.request_json(repository, r) for r in found]

    def post_request(self, repository, query, body):
        owner, _, branch = body['head'].rpartition(':')
        source = repository if owner in ('', repository.owner) else self.find(f'{owner}/{repository.name}')
        try:
            request = self.open_request(repository, source, branch, body['base'], body['title'], body['body'],
                                        body['title'].startswith('WIP: '))
        except Refused as refused:
            raise Refused(409 if 'already exists' in refused.message else 422, refused.message) from None
        return 201, self.request_json(repository, request)

    def patch_request(self, repository, query, body, number):
        request = self.request_of(repository, number)
        request.update({k: v for k, v in body.items() if k in ('title', 'body', 'state')})
        return 201, self.request_json(repository, request)

    def list_labels(self, repository, query, body):
        names = [] if int(query.get('page', 1)) > 1 else ['security', 'docker']
        return 200, [{'id': self.label_id(name), 'name': name} for name in names]

    def add_labels(self, repository, query, body, number):
        request = self.request_of(repository, number)
        names = {self.label_id(name): name for name in ('security', 'docker')}
        for number in body['labels']:
            if number not in names:
                raise Refused(404, 'label does not exist')
            if names[number] not in request['labels']:
                request['labels'].append(names[number])
        return 200, []

    def delete_branch(self, repository, query, body, branch):
        if not repository.commit_of(branch):
            raise Refused(404, 'branch does not exist')
        repository.git('update-ref', '-d', f'refs/heads/{branch}')
        self.branch_gone(repository, branch)
        return 204, None

    def fork(self, repository, query, body):
        if f'{self.login}/{repository.name}' in self.repositories:
            raise Refused(409, 'repository is already forked by user')
        return 202, self.repository_json(self.fork_of(repository))

    def list_commits(self, repository, query, body):
        return 200, []

    routes = [
        ('', 'GET', get_repository),
        ('pulls', 'GET', list_requests),
        ('pulls', 'POST', post_request),
        (r'pulls/(\d+)', 'PATCH', patch_request),
        ('labels', 'GET', list_labels),
        (r'issues/(\d+)/labels', 'POST', add_labels),
        ('branches/(.+)', 'DELETE', delete_branch),
        ('forks', 'POST', fork),
        ('commits', 'GET', list_commits),
    ]
