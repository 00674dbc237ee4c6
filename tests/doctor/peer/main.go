// A Go server and client for the scenarios: net/http as everybody uses it, and a dialer that binds first.
//
//	peer serve ADDRESS              answers requests
//	peer load URL CONNECTIONS       requests over as many kept connections, until it is killed
//	peer churn URL CONNECTIONS      requests with a new connection each
//	peer bound N ADDRESS...         N connections to each address, bound to 127.0.0.1 before connect(); says "open"
//	peer ask ADDRESS nodelay|nagle  asks by two writes of 100 bytes for 200, over and over
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address string) {
	body := "hello\n"
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) })
	fail(http.ListenAndServe(address, nil))
}

func load(url string, connections int, keep bool) {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, DisableKeepAlives: !keep}
	client := &http.Client{Transport: transport}
	for i := 0; i < connections; i++ {
		go func() {
			for {
				answer, err := client.Get(url)
				if err == nil {
					io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
	}
	select {}
}

func bound(count int, addresses []string) {
	var open []net.Conn
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	for i := 0; i < count; i++ {
		for _, address := range addresses {
			connection, err := dialer.Dial("tcp", address)
			fail(err)
			open = append(open, connection)
		}
	}
	fmt.Println("open")
	select {}
}

func ask(address string, nodelay bool) {
	connection, err := net.Dial("tcp", address)
	fail(err)
	fail(connection.(*net.TCPConn).SetNoDelay(nodelay))
	part, answer := make([]byte, 100), make([]byte, 200)
	for {
		_, err = connection.Write(part)
		fail(err)
		_, err = connection.Write(part)
		fail(err)
		_, err = io.ReadFull(connection, answer)
		fail(err)
	}
}

func main() {
	args := os.Args[1:]
	number := func(i int) int {
		n, err := strconv.Atoi(args[i])
		fail(err)
		return n
	}
	switch args[0] {
	case "serve":
		serve(args[1])
	case "load":
		load(args[1], number(2), true)
	case "churn":
		load(args[1], number(2), false)
	case "ask":
		ask(args[1], args[2] == "nodelay")
	case "bound":
		bound(number(1), args[2:])
	}
}
